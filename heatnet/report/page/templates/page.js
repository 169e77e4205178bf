// Charts are drawn when they come into view; the slider and the language choose among figures that are all in the page.
"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const root = document.documentElement;
  const charts = [...document.querySelectorAll(".chart")];
  const years = Object.keys((figures.en.map || {}));
  let stage = 0;
  const narrow = () => window.innerWidth < 720;
  // Plotly has a button that uploads a chart to its maker; a city's figures stay where they are.
  const config = { showSendToCloud: false, plotlyServerURL: "", responsive: true, displaylogo: false, displayModeBar: false };
  const mapConfig = { ...config, displayModeBar: true, modeBarButtons: [["zoomIn2d", "zoomOut2d", "resetScale2d"]] };

  function figureOf(chart) {
    const found = figures[chart.dataset.language][chart.dataset.chart] || {};
    return found[""] || found[years[stage]];
  }

  function fitted(chart, figure) {
    const layout = structuredClone(figure.layout);
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
      layout.height = narrow() ? 24 * Math.ceil(shown.length / 2) + 10 : 24 * Math.ceil(shown.length / 5) + 14;
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
      if (chart.layout && chart.layout.xaxis) {  // the stage changes under the place that the reader chose
        layout.xaxis.range = chart.layout.xaxis.range.slice();
        layout.yaxis.range = chart.layout.yaxis.range.slice();
      }
    }
    return { data, layout };
  }

  function draw(chart) {
    const figure = figureOf(chart);
    if (!figure) return Promise.resolve();
    chart.dataset.drawn = years[stage] || "all";
    if (chart.dataset.view === "centre" && !figure.layout.meta.centre) {
      chart.closest(".maps").classList.add("alone");
      return Promise.resolve();
    }
    const { data, layout } = fitted(chart, figure);
    return Plotly.react(chart, data, layout, chart.dataset.chart === "map" && chart.dataset.view !== "legend" ? mapConfig : config);
  }

  // Charts of all stages are drawn once, the others again for another stage.
  const staged = (chart) => !("" in (figures.en[chart.dataset.chart] || {}));
  const stale = (chart) => !chart.dataset.drawn || (staged(chart) && chart.dataset.drawn !== years[stage]);

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      entry.target.inView = entry.isIntersecting;
      if (entry.isIntersecting && stale(entry.target)) draw(entry.target);
    }
  }, { rootMargin: "200px" });
  charts.forEach((chart) => seen.observe(chart));

  function show(next) {
    stage = Math.min(Math.max(next, 0), Math.max(years.length - 1, 0));
    for (const input of document.querySelectorAll("input.stage")) input.value = stage;
    for (const button of document.querySelectorAll(".ticks button")) button.classList.toggle("now", Number(button.dataset.stage) === stage);
    for (const output of document.querySelectorAll(".stages output")) {
      output.textContent = output.closest(".stages").querySelectorAll(".ticks button")[stage].textContent;
    }
    for (const input of document.querySelectorAll("input.stage")) input.setAttribute("aria-valuetext", input.closest(".stages").querySelector("output").textContent);
    for (const chart of charts) if (chart.inView && stale(chart)) draw(chart);
  }
  document.addEventListener("input", (event) => { if (event.target.matches("input.stage")) show(Number(event.target.value)); });
  document.addEventListener("click", (event) => {
    if (event.target.matches(".ticks button")) show(Number(event.target.dataset.stage));
    if (event.target.matches("button.print")) window.print();
    if (event.target.matches("button.language")) speak(root.dataset.language === "en" ? "zh" : "en");
  });

  function speak(language) {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    document.title = document.querySelector(`.page[data-language="${language}"] h1`).textContent;
  }
  if ((navigator.language || "").startsWith("zh")) speak("zh");
  if (years.length) show(0);

  // What is printed is the language and the stage that are shown, with every chart in it.
  window.addEventListener("beforeprint", () => {
    for (const chart of charts) if (chart.dataset.language === root.dataset.language) draw(chart);
  });
})();
