// The live plots, over one range of time: the pointer or the keys move it.

import { make, say, section } from '../dom.js';
import { Plot } from '../plot.js';

const SPANS = [['10 min', 600], ['1 h', 3600], ['6 h', 21_600], ['1 day', 86_400], ['7 days', 604_800], ['14 days', 1_209_600]];
const LEAST_S = 10;
const STEP = 0.2; // of the range, by an arrow key
const ZOOM = 1.5;

/** Returns the section. */
export function plots(pump, tools) {
  const { history } = pump;
  const all = [
    new Plot('Line pressure, strokes marked', 'kPa', history.times, [{ name: 'pressure', series: history.pressure }], history.strokes),
    new Plot('Delivered against programmed', 'mL', history.times, [
      { name: 'delivered', series: history.delivered }, { name: 'programmed', series: history.programmed, dashed: true },
    ]),
    new Plot('Reservoir', 'mL', history.times, [
      { name: 'by the level sensor', series: history.level }, { name: 'by the ledger', series: history.ledger, dashed: true },
    ]),
  ];
  const choices = [...SPANS, ['All', Infinity]].map(([text, spanS]) => make('button', {
    type: 'button', value: spanS, onclick: () => choose(spanS),
  }, text));
  const follow = make('button', { type: 'button', onclick: () => { endS = null; redraw(); } }, 'Follow');
  const help = make('p', { className: 'hint' }, 'Drag, or press ← → to move, + − to zoom, Home to follow the present; the pointer shows values.');
  let spanS = 600;
  let endS = null; // null: the present
  let cursorS = null;
  let isDue = false;

  function range() {
    const toS = endS ?? history.endS;
    const fromS = Math.max(0, toS - spanS);
    return { fromS, toS: Math.max(toS, fromS + LEAST_S) };
  }

  function choose(seconds) {
    spanS = seconds;
    if (spanS === Infinity) endS = null;
    redraw();
  }

  function move(byS) {
    const { fromS, toS } = range();
    spanS = toS - fromS;
    const to = Math.max(spanS, toS + byS);
    endS = to >= history.endS ? null : to;
    redraw();
  }

  function zoom(factor, aboutS = null) {
    const { fromS, toS } = range();
    const about = aboutS ?? toS;
    spanS = Math.min(Math.max((toS - fromS) * factor, LEAST_S), Math.max(history.endS, LEAST_S));
    if (aboutS !== null || endS !== null) {
      const to = about + ((toS - about) * spanS) / (toS - fromS);
      endS = to >= history.endS ? null : to;
    }
    redraw();
  }

  /** Draws at the next frame, once for all changes until then. */
  function redraw() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      for (const button of choices) button.setAttribute('aria-pressed', String(Number(button.value) === spanS));
      follow.setAttribute('aria-pressed', String(endS === null));
      const now = range();
      for (const plot of all) plot.draw(now, cursorS);
      for (const plot of all) plot.tell(now, cursorS); // after all, as it makes the layout new
    });
  }

  const KEYS = {
    ArrowLeft: () => move(-STEP * (range().toS - range().fromS)),
    ArrowRight: () => move(STEP * (range().toS - range().fromS)),
    '+': () => zoom(1 / ZOOM),
    '-': () => zoom(ZOOM),
    Home: () => { endS = null; redraw(); },
  };
  for (const plot of all) listen(plot);

  function listen(plot) {
    const { canvas } = plot;
    let drag = null;
    canvas.addEventListener('keydown', (event) => {
      if (!KEYS[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      KEYS[event.key]();
    });
    canvas.addEventListener('pointerdown', (event) => {
      drag = event.offsetX;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointerup', () => { drag = null; });
    canvas.addEventListener('pointermove', (event) => {
      if (drag !== null) {
        const now = range();
        const moved = plot.timeAt(drag, now) - plot.timeAt(event.offsetX, now);
        drag = event.offsetX;
        move(moved);
      }
      cursorS = plot.timeAt(event.offsetX, range());
      redraw();
    });
    canvas.addEventListener('pointerleave', () => { cursorS = null; redraw(); });
    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return; // else the page scrolls
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1 / ZOOM : ZOOM, plot.timeAt(event.offsetX, range()));
    }, { passive: false });
  }

  tools.on(pump, 'history', redraw);
  tools.on(window, 'resize', redraw);
  tools.on(matchMedia('(prefers-color-scheme: dark)'), 'change', redraw);
  tools.on(window, 'beforeprint', redraw);
  const note = make('p', { className: 'hint', role: 'status' });
  tools.on(pump, 'gap', ({ detail }) => say(note, detail.text));
  redraw();
  return section('plots', 'Plots', make('p', { className: 'buttons', role: 'group', 'aria-label': 'Range' }, ...choices, follow),
    ...all.map((plot) => plot.element), help, note);
}
