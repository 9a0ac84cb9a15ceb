// @ts-check
/** Views on a plan: a click puts a place, a direction or a corner into the forms; what is typed is drawn before it is saved. */
const plan = /** @type {SVGSVGElement | null} */ (document.querySelector('.plan'));
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id));
const picks = /** @type {HTMLElement | null} */ (document.querySelector('[data-picks]'));
const widthMm = Number(/** @type {HTMLElement | null} */ (document.querySelector('[data-width-mm]'))?.dataset.widthMm);
if (plan && picks && widthMm > 0) {
  picks.hidden = false;
  const box = plan.viewBox.baseVal;
  const piece = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  const shape = piece.cloneNode();
  piece.setAttribute('class', 'view-draft');
  /** @type {SVGPathElement} */ (shape).setAttribute('class', 'shape-draft');
  plan.append(piece, shape);
  const number = (/** @type {string} */ id) => { const v = field(id)?.value.trim() ?? ''; return /^\d+(\.\d)?$/.test(v) ? Number(v) : NaN; };
  const show = () => {
    const [x, y] = [number('x') * box.width / 1000, number('y') * box.height / 1000];
    const [direction, angle, reach] = [number('direction'), number('angle'), number('reach') * 1000 / widthMm * box.width];
    let d = '';
    if (![x, y, direction, angle, reach].some(Number.isNaN) && angle <= 360) {
      const steps = Math.ceil(angle / 5);
      d = `M${x} ${y}`;
      for (let n = 0; n <= steps; n++) {
        const turn = (direction - angle / 2 + angle * n / steps) * Math.PI / 180;
        d += `L${x + Math.sin(turn) * reach} ${y - Math.cos(turn) * reach}`;
      }
      d += 'Z';
    }
    piece.setAttribute('d', d);
    const corners = (field('points')?.value ?? '').split(/[\s;]+/).map((p) => p.split(/[,，]/).map(Number)).filter((p) => p.length === 2 && !p.some(Number.isNaN));
    const path = corners.map((p, n) => `${n ? 'L' : 'M'}${p[0] * box.width / 1000} ${p[1] * box.height / 1000}`).join('');
    /** @type {SVGPathElement} */ (shape).setAttribute('d', corners.length > 2 ? `${path}Z` : path);
  };
  plan.setAttribute('data-pick', '');
  plan.addEventListener('click', (e) => {
    const to = plan.getScreenCTM()?.inverse();
    const [x, y, direction, points] = [field('x'), field('y'), field('direction'), field('points')];
    if (!to || !x || !y || !direction || !points) return;
    const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(to);
    const part = (/** @type {number} */ n, /** @type {number} */ of) => String(Math.min(1000, Math.max(0, Math.round(n / of * 1000))));
    const mode = /** @type {HTMLInputElement | null} */ (picks.querySelector('input:checked'))?.value;
    if (mode === 'place') [x.value, y.value] = [part(at.x, box.width), part(at.y, box.height)];
    if (mode === 'corner') points.value = `${points.value.trim()} ${part(at.x, box.width)},${part(at.y, box.height)}`.trim();
    const [cx, cy] = [number('x') * box.width / 1000, number('y') * box.height / 1000];
    if (mode === 'direction' && !Number.isNaN(cx + cy)) {
      const turn = Math.atan2(at.x - cx, cy - at.y) * 180 / Math.PI;
      direction.value = String(Math.round((turn + 360) % 360 * 10) % 3600 / 10);
    }
    show();
  });
  for (const id of ['x', 'y', 'direction', 'angle', 'reach', 'points']) field(id)?.addEventListener('input', show);
  show();
}
