// @ts-check
/** A plan: a click puts the position into the form's fields and shows where it is; typing moves the same cross. */
const plan = /** @type {SVGSVGElement | null} */ (document.querySelector('.plan'));
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id));
const [x, y] = [field('x'), field('y')];
if (plan && x && y) {
  const box = plan.viewBox.baseVal;
  const cross = document.createElementNS('http://www.w3.org/2000/svg', 'g');
  cross.setAttribute('class', 'plan-here');
  cross.innerHTML = '<path d="M-2 0h4M0-2v4"/>';
  const show = () => {
    const at = [x, y].map((f) => (/^\d+$/.test(f.value) && Number(f.value) <= 1000 ? Number(f.value) / 1000 : NaN));
    if (at.some(Number.isNaN)) { cross.remove(); return; }
    cross.setAttribute('transform', `translate(${at[0] * box.width} ${at[1] * box.height}) scale(${box.width / 44})`);
    plan.append(cross);
  };
  plan.setAttribute('data-pick', '');
  plan.addEventListener('click', (e) => {
    const to = plan.getScreenCTM()?.inverse();
    if (!to) return;
    const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(to);
    const part = (/** @type {number} */ n, /** @type {number} */ of) => String(Math.min(1000, Math.max(0, Math.round(n / of * 1000))));
    [x.value, y.value] = [part(at.x, box.width), part(at.y, box.height)];
    show();
  });
  x.addEventListener('input', show);
  y.addEventListener('input', show);
  show();
}
