// Charts are drawn when they come into view. What the reader chooses (stage, schedule, ...) only picks among figures
// that are all in the page: the key of a figure is the choices that its chart names in data-by, joined with |.
"use strict";
(() => {
  const { figures, parts } = JSON.parse(document.getElementById("figures").textContent);
  const root = document.documentElement;
  const charts = [...document.querySelectorAll(".chart")];
  const years = [...(document.querySelector(".stages") || root).querySelectorAll(".ticks button")].map((button) => button.dataset.stage);
  const choice = {};
  const narrow = () => window.innerWidth < 720;
  // Plotly has a button that uploads a chart to its maker; a city's figures stay where they are.
  const config = { showSendToCloud: false, plotlyServerURL: "", displaylogo: false, displayModeBar: false };
  const mapConfig = { ...config, displayModeBar: true, modeBarButtons: [["zoomIn2d", "zoomOut2d", "resetScale2d"]] };

  const keyOf = (chart) => (chart.dataset.by || "").split(" ").filter(Boolean).map((name) => choice[name]).join("|");

  // What figures have in common stands in the page once; plotly changes what it is given, so every chart gets its own.
  function figureOf(chart) {
    const found = (figures[chart.dataset.language][chart.dataset.chart] || {})[keyOf(chart)];
    return found && { data: found.data.map((place) => structuredClone(parts[place])), layout: structuredClone(parts[found.layout]) };
  }

  function fitted(chart, figure) {
    const layout = figure.layout;
    const kind = chart.dataset.chart, view = chart.dataset.view || "whole", meta = layout.meta || {};
    let data = figure.data;
    layout.legend = { ...layout.legend, font: { size: narrow() ? 11 : 12 } };
    if (narrow()) {
      if (meta.narrow_y) layout.yaxis.ticktext = meta.narrow_y;
      if (meta.narrow_x) layout.xaxis = { ...layout.xaxis, ticktext: meta.narrow_x, tickangle: 0, tickfont: { size: 10 } };
      if (data.length > 8 && layout.showlegend !== false) layout.height += 20 * data.length;
    }
    if (kind === "map" && view === "legend") {
      const shown = data.filter((trace) => trace.showlegend !== false);
      data = shown.map((trace) => ({ ...trace, x: [null], y: [null], hovertext: "", ...(trace.marker ? { marker: { ...trace.marker, size: 11 } } : {}) }));
      layout.height = narrow() ? 30 * Math.ceil(shown.length / 1.8) + 10 : 24 * Math.ceil(shown.length / 5) + 14;
      layout.xaxis.visible = layout.yaxis.visible = false;
      layout.margin = { l: 0, r: 0, t: 0, b: 0 };
      layout.legend = { ...layout.legend, y: 1, yanchor: "top", maxheight: layout.height, itemsizing: "constant", itemclick: false, itemdoubleclick: false };
    } else if (kind === "map") {
      const labels = view === "centre" ? "centre" : narrow() ? "narrow" : "whole";
      data = data.map((trace) => trace.meta ? { ...trace, visible: trace.meta === labels } : trace);
      layout.showlegend = false;
      layout.margin = { l: 0, r: 0, t: 0, b: 0 };
      if (narrow()) Object.assign(layout, { height: 460, dragmode: false });  // a finger scrolls the page
      if (view === "centre") [layout.xaxis.range, layout.yaxis.range] = meta.centre.map((side) => side.slice());
      if (chart.layout && chart.layout.xaxis) {  // the choice changes under the place that the reader looks at
        layout.xaxis.range = chart.layout.xaxis.range.slice();
        layout.yaxis.range = chart.layout.yaxis.range.slice();
      }
    }
    return { data, layout };
  }

  function draw(chart) {
    const figure = figureOf(chart);
    chart.dataset.drawn = keyOf(chart) || "all";
    chart.classList.toggle("empty", !figure);
    if (!figure) {
      if (chart.data) Plotly.purge(chart);
      return Promise.resolve();
    }
    const { data, layout } = fitted(chart, figure);
    layout.width = chart.clientWidth;
    return Plotly.react(chart, data, layout, chart.dataset.chart === "map" && chart.dataset.view !== "legend" ? mapConfig : config);
  }

  // A small place has no centre of its own: its map takes the whole width.
  for (const maps of document.querySelectorAll(".maps")) {
    const [first] = Object.values(figures[maps.closest(".page").dataset.language].map);
    maps.classList.toggle("alone", !parts[first.layout].meta.centre);
  }

  // Charts that depend on no choice are drawn once, the others again for another choice.
  const stale = (chart) => chart.dataset.drawn !== (keyOf(chart) || "all");

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      entry.target.inView = entry.isIntersecting;
      if (entry.isIntersecting && stale(entry.target)) draw(entry.target);
    }
  }, { rootMargin: "200px" });
  charts.forEach((chart) => seen.observe(chart));

  function choose(name, value) {
    choice[name] = value;
    if (name === "stage") showStage(value);
    for (const select of document.querySelectorAll(`select[data-choice="${name}"]`)) select.value = value;
    for (const part of document.querySelectorAll(`[data-${name}-shown]`)) part.hidden = part.getAttribute(`data-${name}-shown`) !== value;
    for (const chart of charts) if (chart.inView && stale(chart)) draw(chart);
  }

  function showStage(year) {
    for (const input of document.querySelectorAll("input.stage")) input.value = years.indexOf(year);
    for (const button of document.querySelectorAll(".ticks button")) button.classList.toggle("now", button.dataset.stage === year);
    for (const output of document.querySelectorAll(".stages output")) {
      output.textContent = output.closest(".stages").querySelector(`.ticks button[data-stage="${year}"]`).textContent;
    }
    for (const input of document.querySelectorAll("input.stage")) input.setAttribute("aria-valuetext", input.closest(".stages").querySelector("output").textContent);
  }

  // Another width is another layout; plotly's own way (`responsive`) forgets the heights, and a phone changes its height as it scrolls.
  let width = window.innerWidth, waiting = 0;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const chart of charts) if (chart.inView) draw(chart); else delete chart.dataset.drawn;
    }, 200);
  });

  document.addEventListener("input", (event) => { if (event.target.matches("input.stage")) choose("stage", years[Number(event.target.value)]); });
  document.addEventListener("change", (event) => { if (event.target.matches("select[data-choice]")) choose(event.target.dataset.choice, event.target.value); });
  document.addEventListener("click", (event) => {
    if (event.target.matches(".ticks button")) choose("stage", event.target.dataset.stage);
    if (event.target.matches("button.print")) window.print();
    if (event.target.matches("button.language")) speak(root.dataset.language === "en" ? "zh" : "en");
  });

  function speak(language) {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    document.title = document.querySelector(`.page[data-language="${language}"] h1`).textContent;
  }
  if ((navigator.language || "").startsWith("zh")) speak("zh");
  if (years.length) choose("stage", years[0]);
  for (const select of document.querySelectorAll("select[data-choice]")) choose(select.dataset.choice, select.querySelector("option[selected]").value);

  // What is printed is the language and the choices that are shown, with every chart in it.
  window.addEventListener("beforeprint", () => {
    for (const chart of charts) if (chart.offsetParent) draw(chart);
  });
})();
