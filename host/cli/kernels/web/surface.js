// surface.js: turns the fitted surface on a canvas: drag to rotate, wheel to come nearer. The numbers
// are in #surface-data; nothing is fetched.
(function () {
  'use strict';
  const canvas = document.getElementById('surface'), holder = document.getElementById('surface-data');
  if (!canvas || !holder) return;
  const data = JSON.parse(holder.textContent);
  const start = { yaw: -0.65, pitch: 0.42, zoom: 1 };
  const view = Object.assign({ quotes: true }, start);
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // The cube: x is ln(strike / forward), y the square root of time, z the volatility; each -1 to 1.
  const span = (low, high) => v => (2 * (v - low)) / (high - low || 1) - 1;
  const ks = data.rows.flatMap(r => [r.low, r.high]);
  const bounds = { k: [Math.min(...ks), Math.max(...ks)], t: [data.rows[0].t, data.rows[data.rows.length - 1].t] };
  const vols = data.rows.flatMap(r => r.vol);
  const step = roundStep(Math.max(...vols) - Math.min(...vols), 5);
  bounds.z = [Math.floor(Math.min(...vols) / step) * step, Math.ceil(Math.max(...vols) / step) * step];
  const toX = span(...bounds.k), toZ = span(...bounds.z);
  const toY = (s => t => s(Math.sqrt(t)))(span(Math.sqrt(bounds.t[0]), Math.sqrt(bounds.t[1])));

  function roundStep(range, wanted) {
    const raw = Math.max(range, 1e-9) / wanted, ten = Math.pow(10, Math.floor(Math.log10(raw)));
    return [1, 2, 5, 10].map(m => m * ten).find(s => s >= raw);
  }
  function ticksX() {
    const low = 100 * Math.exp(bounds.k[0]), high = 100 * Math.exp(bounds.k[1]), s = roundStep(high - low, 6), out = [];
    for (let p = Math.ceil(low / s) * s; p <= high; p += s) out.push([toX(Math.log(p / 100)), +p.toFixed(6) + ' %']);
    return out;
  }
  function ticksY() {
    const all = [[1, '1 d'], [7, '1 w'], [14, '2 w'], [30.4, '1 m'], [60.8, '2 m'], [91, '3 m'], [182.5, '6 m'], [365, '1 y'],
      [730, '2 y'], [1095, '3 y'], [1825, '5 y'], [3650, '10 y'], [7300, '20 y']];
    const out = [];
    for (const [days, text] of all) {
      const y = toY(days / 365);
      if (y < -1.001 || y > 1.001 || (out.length && y - out[out.length - 1][0] < 0.22)) continue;
      out.push([y, text]);
    }
    if (out.length < 2) return [[-1, days(bounds.t[0])], [1, days(bounds.t[1])]];
    return out;
  }
  const days = t => (365 * t).toFixed(365 * t < 10 ? 1 : 0) + ' d';
  function ticksZ() {
    const out = [];
    for (let v = bounds.z[0]; v <= bounds.z[1] + 1e-9; v += step) out.push([toZ(v), +(100 * v).toFixed(6) + ' %']);
    return out;
  }

  // Low volatilities dark blue, high ones yellow: even in lightness, also for the colour-blind.
  const stops = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  function colour(z, shade) {
    const at = Math.min(0.9999, Math.max(0, (z + 1) / 2)) * (stops.length - 1), i = Math.floor(at), f = at - i;
    return 'rgb(' + stops[i].map((c, j) => Math.round((c + f * (stops[i + 1][j] - c)) * shade)).join(',') + ')';
  }

  let width = 0, height = 0;
  function project(p) {
    const cy = Math.cos(view.yaw), sy = Math.sin(view.yaw), cp = Math.cos(view.pitch), sp = Math.sin(view.pitch);
    const x = p[0] * cy - p[1] * sy, y = p[0] * sy + p[1] * cy, z = p[2] * 0.72;
    const depth = y * cp - z * sp;  // away from the eye
    const near = 4.6 / (4.6 + depth);
    // Room for the whole box and its labels at every yaw; nearer parts look up to a third larger.
    const room = Math.min((width - 230) / (2 * 1.42), (height - 70) / (2 * (0.72 * cp + 1.42 * sp))) / 1.13;
    const scale = room * view.zoom * near;
    return { x: width / 2 + x * scale, y: height / 2 - 36 - (z * cp + y * sp) * scale, depth: depth };
  }

  const faces = [];
  const at = (i, j) => {
    const row = data.rows[i], k = row.low + ((row.high - row.low) * j) / (row.vol.length - 1);
    return [toX(k), toY(row.t), toZ(row.vol[j])];
  };
  for (let i = 0; i + 1 < data.rows.length; i++) {
    for (let j = 0; j + 1 < data.rows[i].vol.length; j++)
      faces.push([at(i, j), at(i, j + 1), at(i + 1, j + 1), at(i + 1, j)]);
  }
  const quotes = data.quotes.map(q => ({ low: [toX(q[0]), toY(q[1]), toZ(q[2])], high: [toX(q[0]), toY(q[1]), toZ(q[3])] }))
    .filter(q => q.high[2] <= 1.25);

  function line(g, a, b) {
    const p = project(a), q = project(b);
    g.beginPath(); g.moveTo(p.x, p.y); g.lineTo(q.x, q.y); g.stroke();
  }
  // The three sides of the box that lie behind the surface, with the lines of the ticks.
  function box(g, farX, farY) {
    g.strokeStyle = css('--line'); g.lineWidth = 1;
    for (const [x] of ticksX()) { line(g, [x, -1, -1], [x, 1, -1]); line(g, [x, farY, -1], [x, farY, 1]); }
    for (const [y] of ticksY()) { line(g, [-1, y, -1], [1, y, -1]); line(g, [farX, y, -1], [farX, y, 1]); }
    for (const [z] of ticksZ()) { line(g, [-1, farY, z], [1, farY, z]); line(g, [farX, -1, z], [farX, 1, z]); }
    g.strokeStyle = css('--soft');
    for (const s of [-1, 1]) { line(g, [-1, s, -1], [1, s, -1]); line(g, [s, -1, -1], [s, 1, -1]); }
  }
  // Text outside of the box: pushed from its middle along the way to the point. A label that would
  // touch one already there is left out.
  let written = [];
  function label(g, p, text, push, strong) {
    const q = project(p), middle = project([0, 0, -1]), dx = q.x - middle.x, dy = q.y - middle.y, d = Math.hypot(dx, dy) || 1;
    g.fillStyle = css(strong ? '--ink' : '--soft');
    g.font = (strong ? '600 13px ' : '12px ') + 'system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
    g.textAlign = dx / d > 0.3 ? 'left' : dx / d < -0.3 ? 'right' : 'center';
    g.textBaseline = 'middle';
    const wide = g.measureText(text).width, x = q.x + (dx / d) * push, y = q.y + (dy / d) * push;
    const left = g.textAlign === 'left' ? x : g.textAlign === 'right' ? x - wide : x - wide / 2;
    if (written.some(w => left < w[1] + 4 && left + wide > w[0] - 4 && Math.abs(y - w[2]) < 15)) return;
    written.push([left, left + wide, y]);
    g.fillText(text, x, y);
  }
  function axes(g, farX, farY) {
    written = [];
    label(g, [0, -farY, -1], 'strike / forward', 62, true);
    label(g, [-farX, 0, -1], 'time to expiry', 62, true);
    for (const [x, text] of ticksX()) label(g, [x, -farY, -1], text, 14);
    for (const [y, text] of ticksY()) label(g, [-farX, y, -1], text, 14);
    // The upright axis stands on whichever free corner is farther to the left.
    const corners = [[-farX, farY], [farX, -farY]];
    const corner = corners.reduce((a, b) => (project([...a, 0]).x < project([...b, 0]).x ? a : b));
    g.font = '12px system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
    g.textAlign = 'right'; g.textBaseline = 'middle'; g.fillStyle = css('--soft');
    for (const [z, text] of ticksZ()) {
      const p = project([...corner, z]);
      if (z > -1) g.fillText(text, p.x - 8, p.y);
    }
    const top = project([...corner, 1]);
    g.font = '600 13px system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
    g.fillStyle = css('--ink'); g.textAlign = 'center';
    g.fillText('implied volatility', Math.max(top.x, 62), top.y - 18);
  }
  function draw() {
    const ratio = window.devicePixelRatio || 1, size = canvas.getBoundingClientRect();
    width = size.width; height = size.height;
    canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
    const g = canvas.getContext('2d');
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    const farX = project([1, 0, 0]).depth > project([-1, 0, 0]).depth ? 1 : -1;
    const farY = project([0, 1, 0]).depth > project([0, -1, 0]).depth ? 1 : -1;
    box(g, farX, farY);
    const things = faces.map(f => {
      const p = f.map(project);
      return { depth: (p[0].depth + p[1].depth + p[2].depth + p[3].depth) / 4, p: p, f: f };
    });
    if (view.quotes) {
      for (const q of quotes) {
        const p = [project(q.low), project(q.high)];
        things.push({ depth: (p[0].depth + p[1].depth) / 2 - 0.02, p: p });
      }
    }
    things.sort((a, b) => b.depth - a.depth);
    g.lineJoin = 'round';
    for (const thing of things) {
      if (!thing.f) {
        g.strokeStyle = css('--ink'); g.globalAlpha = 0.5; g.lineWidth = 1;
        const short = Math.abs(thing.p[0].y - thing.p[1].y) < 2 ? 1 : 0;
        g.beginPath(); g.moveTo(thing.p[0].x, thing.p[0].y + short); g.lineTo(thing.p[1].x, thing.p[1].y - short); g.stroke();
        g.globalAlpha = 1;
        continue;
      }
      const slope = Math.abs(thing.f[1][2] - thing.f[0][2]) / Math.max(1e-6, Math.abs(thing.f[1][0] - thing.f[0][0]));
      const z = thing.f.reduce((s, v) => s + v[2], 0) / 4;
      g.fillStyle = g.strokeStyle = colour(z, 1 / (1 + 0.12 * Math.min(slope, 3)));
      g.lineWidth = 0.8;
      g.beginPath();
      thing.p.forEach((v, i) => (i ? g.lineTo(v.x, v.y) : g.moveTo(v.x, v.y)));
      g.closePath(); g.fill(); g.stroke();
    }
    axes(g, farX, farY);
  }

  let grabbed = null, due = false;
  const redraw = () => { if (!due) { due = true; requestAnimationFrame(() => { due = false; draw(); }); } };
  canvas.addEventListener('pointerdown', e => { grabbed = [e.clientX, e.clientY]; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener('pointerup', () => { grabbed = null; });
  canvas.addEventListener('pointermove', e => {
    if (!grabbed) return;
    view.yaw += (e.clientX - grabbed[0]) * 0.008;
    view.pitch = Math.min(1.5, Math.max(0.05, view.pitch + (e.clientY - grabbed[1]) * 0.006));
    grabbed = [e.clientX, e.clientY];
    redraw();
  });
  canvas.addEventListener('wheel', e => {
    e.preventDefault();
    view.zoom = Math.min(3, Math.max(0.5, view.zoom * Math.exp(-e.deltaY * 0.001)));
    redraw();
  }, { passive: false });
  canvas.addEventListener('keydown', e => {
    const turn = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.06], ArrowDown: [0, -0.06] }[e.key];
    if (!turn) return;
    e.preventDefault();
    view.yaw += turn[0]; view.pitch = Math.min(1.5, Math.max(0.05, view.pitch + turn[1]));
    redraw();
  });
  document.getElementById('surface-reset').addEventListener('click', () => { Object.assign(view, start); redraw(); });
  document.getElementById('surface-quotes').addEventListener('change', e => { view.quotes = e.target.checked; redraw(); });
  window.addEventListener('resize', redraw);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  draw();
})();
