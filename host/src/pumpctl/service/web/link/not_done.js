/** A request that was not carried out; the message is the sentence of pump, link or service, `name` what it is in short. */
export class NotDone extends Error {
  constructor(text, name = '') {
    super(text);
    this.name = name;
  }
}
