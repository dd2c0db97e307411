// Makes elements without a library.

/** Makes an element. Names with a hyphen and `role` become attributes, `on...` listeners, the rest properties. */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('-') || name === 'role' || name === 'for') made.setAttribute(name, value);
    else if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** Makes a section with a heading that names it. */
export function section(id, title, ...children) {
  const heading = make('h2', { id: `${id}-title` }, title);
  return make('section', { id, 'aria-labelledby': heading.id }, heading, ...children);
}

/** Makes an input with its label. */
export function labelled(text, input, hint = '') {
  input.id ||= `input-${(labelled.made = (labelled.made ?? 0) + 1)}`;
  const parts = [make('label', { for: input.id }, text), input];
  if (hint) {
    parts.push(make('small', { id: `${input.id}-hint` }, hint));
    input.setAttribute('aria-describedby', `${input.id}-hint`);
  }
  return make('div', { className: 'field' }, ...parts);
}

/** Shows text, only when it differs: a live region is read out at each change. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
