"use strict";
(() => {
  document.documentElement.classList.add("js");
  const say = (v, digits) => v === null ? "no value" : v.toLocaleString("en-GB", {minimumFractionDigits: digits, maximumFractionDigits: digits});

  document.querySelectorAll("figure.map").forEach(figure => {
    const data = JSON.parse(figure.querySelector("script.data").textContent);
    const svg = figure.querySelector(".sheet svg"), here = svg.querySelector(".here");
    const readout = figure.querySelector(".readout"), scale = figure.querySelector(".scale");
    const marks = [...svg.querySelectorAll(".marks path")];
    const whole = svg.viewBox.baseVal, home = [whole.x, whole.y, whole.width, whole.height];
    const unit = parseFloat(svg.style.getPropertyValue("--u"));
    let view = home.slice(), layer = 0, current = -1;

    // A feature is an area's whole path, or one line or cell of a path that holds many of the same look.
    const shapes = data.kind === "areas" ? marks.map(m => m.getAttribute("d"))
      : marks.flatMap(m => m.getAttribute("d").split("M").slice(1).map(d => "M" + d));
    marks.forEach((m, i) => { const t = m.querySelector("title"); if (t) t.remove(); m.dataset.i = i; });
    const numbers = shapes.map(d => data.kind === "areas" ? null : d.match(/-?\d+/g).map(Number));
    const centre = i => {
      if (data.kind === "areas") { const b = marks[i].getBBox(); return [b.x + b.width / 2, b.y + b.height / 2]; }
      const [x, y, a, b] = numbers[i];
      return data.kind === "lines" ? [x + a / 2, y + b / 2] : [x + a / 2, y + a / 2];
    };
    let centres = null;
    const allCentres = () => centres || (centres = shapes.map((_, i) => centre(i)));

    const describe = i => {
      const shown = data.layers[layer].field;
      return data.fields.map((f, k) => {
        const text = f.words ? `${f.label} ${f.words[f.values[i]] || "–"}` : `${f.label} ${say(f.values[i], f.digits)} ${f.units}`.trim();
        return k === shown ? `<b>${escape(text)}</b>` : escape(text);
      }).join(" · ");
    };
    const escape = text => text.replace(/[&<>"]/g, c => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})[c]);
    const show = i => {
      if (i === current) return;
      current = i;
      here.setAttribute("d", i < 0 ? "" : shapes[i]);
      readout.innerHTML = i < 0 ? hint : `<b>${escape(data.names[data.name[i]])}</b><br>${describe(i)}`;
    };
    const hint = {areas: "Point at an area for its values.", lines: "Point at a road for its values.", cells: "Point at a cell for its values."}[data.kind];
    readout.textContent = hint;

    const toSheet = e => { const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse()); return [p.x, p.y]; };
    const fromLine = (px, py, [x, y, dx, dy]) => {
      const t = Math.max(0, Math.min(1, ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy || 1)));
      return Math.hypot(px - x - t * dx, py - y - t * dy);
    };
    const find = e => {
      if (data.kind === "areas") { const i = e.target.dataset && e.target.dataset.i; return i === undefined ? -1 : +i; }
      const [px, py] = toSheet(e);
      if (data.kind === "cells") return numbers.findIndex(([x, y, s]) => px >= x && py >= y && px < x + s && py < y + s);
      const reach = (e.pointerType === "touch" ? 20 : 10) * view[2] / svg.clientWidth;
      let best = -1, least = reach;
      // The last drawn lie on top: among equals the busier road wins.
      numbers.forEach((n, i) => { const d = fromLine(px, py, n); if (d <= least) { least = d; best = i; } });
      return best;
    };

    const apply = () => {
      svg.setAttribute("viewBox", view.map(v => v.toFixed(1)).join(" "));
      svg.style.setProperty("--u", `${unit * view[2] / home[2]}px`);
      svg.classList.toggle("zoomed", view[2] < home[2] * 0.99);
      const across = scale.dataset.widthM * view[2] / home[2], power = 10 ** Math.floor(Math.log10(across / 5));
      const metres = [5, 2, 1].find(s => s * power <= across / 5) * power;
      scale.style.width = `${100 * metres / across}%`;
      scale.textContent = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
    };
    const clamp = () => {
      view[2] = Math.min(home[2], Math.max(home[2] / 16, view[2]));
      view[3] = view[2] * home[3] / home[2];
      view[0] = Math.min(home[0] + home[2] - view[2], Math.max(home[0], view[0]));
      view[1] = Math.min(home[1] + home[3] - view[3], Math.max(home[1], view[1]));
    };
    const zoom = (factor, at) => {
      const [x, y] = at || (current >= 0 ? allCentres()[current] : [view[0] + view[2] / 2, view[1] + view[3] / 2]);
      view = [x - view[2] / factor / 2, y - view[3] / factor / 2, view[2] / factor, view[3] / factor];
      clamp(); apply();
    };
    const showAll = () => { view = home.slice(); apply(); };

    let drag = null;
    svg.addEventListener("pointerdown", e => {
      if (view[2] < home[2] * 0.99) { drag = {x: e.clientX, y: e.clientY, from: view.slice(), moved: false}; }
    });
    svg.addEventListener("pointermove", e => {
      if (drag && (e.buttons & 1)) {
        const k = view[2] / svg.clientWidth;
        if (Math.hypot(e.clientX - drag.x, e.clientY - drag.y) > 4) drag.moved = true;
        if (drag.moved) {
          if (!svg.hasPointerCapture(e.pointerId)) svg.setPointerCapture(e.pointerId);
          view[0] = drag.from[0] - (e.clientX - drag.x) * k; view[1] = drag.from[1] - (e.clientY - drag.y) * k;
          clamp(); apply();
        }
        return;
      }
      if (e.pointerType !== "touch") show(find(e));
    });
    svg.addEventListener("pointerup", e => {
      if (!(drag && drag.moved)) show(find(e));
      drag = null;
    });
    svg.addEventListener("pointerleave", e => { if (e.pointerType !== "touch" && document.activeElement !== svg) show(-1); });
    svg.addEventListener("dblclick", e => { e.preventDefault(); zoom(2, toSheet(e)); });

    // One tab stop a map; the arrows go to the nearest feature in their direction.
    svg.setAttribute("tabindex", "0");
    svg.setAttribute("role", "application");
    svg.setAttribute("aria-roledescription", "map");
    const ways = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    const nearest = (x, y, way) => {
      let best = -1, least = Infinity;
      allCentres().forEach(([cx, cy], i) => {
        const dx = cx - x, dy = cy - y;
        if (way) { const along = dx * way[0] + dy * way[1], across = Math.abs(dx * way[1]) + Math.abs(dy * way[0]); if (along <= 0.01 || across > along * 1.2) return; }
        const d = dx * dx + dy * dy;
        if (i !== current && d < least) { least = d; best = i; }
      });
      return best;
    };
    svg.addEventListener("focus", () => { if (current < 0 && svg.matches(":focus-visible")) show(nearest(view[0] + view[2] / 2, view[1] + view[3] / 2)); });
    svg.addEventListener("keydown", e => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      if (ways[e.key]) {
        const from = current >= 0 ? allCentres()[current] : [view[0] + view[2] / 2, view[1] + view[3] / 2];
        const next = nearest(from[0], from[1], ways[e.key]);
        if (next >= 0) { show(next); const [x, y] = allCentres()[next]; if (x < view[0] || y < view[1] || x > view[0] + view[2] || y > view[1] + view[3]) zoom(1, [x, y]); }
      } else if (e.key === "+" || e.key === "=") zoom(1.6);
      else if (e.key === "-") zoom(1 / 1.6);
      else if (e.key === "0") showAll();
      else if (e.key === "Escape") show(-1);
      else return;
      e.preventDefault();
    });

    const buttons = figure.querySelector(".zoom");
    buttons.hidden = false;
    buttons.addEventListener("click", e => {
      const how = e.target.dataset.zoom, was = current;
      if (how === "all") showAll();
      else if (how) { current = -1; zoom(how === "in" ? 1.6 : 1 / 1.6); current = was; }
    });

    const layers = figure.querySelector(".layers");
    if (!layers) return;
    layers.hidden = false;
    const legends = [...figure.querySelectorAll(".legend:not(.widths)")];
    layers.addEventListener("click", e => {
      if (e.target.dataset.layer === undefined) return;
      layer = +e.target.dataset.layer;
      const {classes, colours, label} = data.layers[layer];
      colours.forEach((c, k) => figure.style.setProperty(`--q${k}`, c));
      marks.forEach((m, i) => m.setAttribute("class", classes[i] === "-" ? "" : `q${classes[i]}`));
      layers.querySelectorAll("button").forEach((b, k) => b.setAttribute("aria-pressed", k === layer));
      legends.forEach((l, k) => { l.hidden = k !== layer; });
      svg.setAttribute("aria-label", `Map: ${label}`);
      const again = current; current = -2; show(again);
    });
  });

  // The same values for touch, where a title never shows.
  document.querySelectorAll("figure.chart").forEach(figure => {
    const readout = figure.querySelector(".readout"), hint = readout.textContent;
    figure.querySelectorAll(".dot").forEach(dot => {
      const tell = () => { readout.textContent = dot.getAttribute("aria-label"); };
      ["pointerenter", "focus", "click"].forEach(on => dot.addEventListener(on, tell));
      ["pointerleave", "blur"].forEach(on => dot.addEventListener(on, () => { readout.textContent = hint; }));
    });
  });
})();
