// Draws one Plotly figure and keeps it: new data goes into the living chart (Plotly.react), so nothing flickers and
// what a person zoomed stays (uirevision). A zoom is told to Python, which answers with finer detail; so is a
// click on a point that bears an id.

const TOUCH = matchMedia("(pointer: coarse)").matches;
const CONFIG = { displayModeBar: false, doubleClick: false, responsive: false, scrollZoom: false };

function library(url) {
  if (!globalThis.samajhPlotly) {
    globalThis.samajhPlotly = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = () => resolve(globalThis.Plotly ?? globalThis.moduleName);
      script.onerror = () => {
        globalThis.samajhPlotly = undefined; // the next refresh tries again
        reject(new Error(`could not load ${url}`));
      };
      document.head.append(script);
    });
  }
  return globalThis.samajhPlotly;
}

function visibleRange(change) {
  if (change["xaxis.range"]) return change["xaxis.range"];
  const low = change["xaxis.range[0]"];
  return low === undefined ? null : [low, change["xaxis.range[1]"]];
}

function listen(host) {
  host.on("plotly_relayout", (change) => {
    const range = visibleRange(change);
    if (range) host.tell("zoom", range.map(Number));
  });
  host.on("plotly_click", ({ points }) => {
    if (typeof points[0]?.id === "string") host.tell("pick", points[0].id);
  });
  host.on("plotly_doubleclick", () => host.tell("zoom", []));
  new ResizeObserver(() => {
    if (host.isConnected && host.clientWidth) globalThis.samajhPlotly.then((Plotly) => Plotly.Plots.resize(host));
  }).observe(host);
}

function draw(host, data) {
  if (host.drawn === data.figure) return;
  host.drawn = data.figure;
  const figure = JSON.parse(data.figure);
  if (TOUCH) figure.layout.dragmode = false; // a finger scrolls the page
  host.style.height = `${figure.layout.height}px`;
  library(data.library).then(async (Plotly) => {
    if (host.drawn !== data.figure) return; // newer data came while the library was loading
    const first = !host.classList.contains("js-plotly-plot");
    await Plotly.react(host, { data: figure.data, layout: figure.layout, config: CONFIG, frames: figure.frames });
    if (first) listen(host);
  });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".samajh-plot");
  host.tell = setTriggerValue;
  host.setAttribute("aria-label", data.alt);
  draw(host, data);
}
