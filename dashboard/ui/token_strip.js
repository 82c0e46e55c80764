// A text as a strip of tokens: point at one (mouse, finger or keyboard) and the others are inked by how much it attends to them.

const PERCENT = (share) => `${(share / 10).toFixed(share < 100 ? 1 : 0)} %`;
const SHOWN = 5;

function ink(host, at) {
  const { tokens, rows } = host.told;
  const strongest = Math.max(1, ...rows[at]);
  host.tokens.forEach((one, j) => {
    const share = Math.round((100 * rows[at][j]) / strongest);
    one.style.background = `color-mix(in srgb, var(--st-primary-color) ${share}%, transparent)`;
    one.style.color = share > 65 ? "var(--st-background-color)" : "inherit";
    one.setAttribute("aria-pressed", String(j === at));
  });
  const order = rows[at].map((share, j) => [share, j]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  host.line.textContent =
    `${tokens[at]} → ` +
    order
      .slice(0, SHOWN)
      .filter(([share]) => share > 0)
      .map(([share, j]) => `${tokens[j]} ${PERCENT(share)}`)
      .join("  ·  ");
}

function build(host) {
  host.strip.replaceChildren();
  host.tokens = host.told.tokens.map((token, j) => {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = token;
    one.addEventListener("pointerenter", () => ink(host, j));
    one.addEventListener("focus", () => ink(host, j));
    one.addEventListener("click", () => {
      host.at = j;
      ink(host, j);
    });
    host.strip.append(one);
    return one;
  });
}

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".samajh-tokens");
  const same = host.told && JSON.stringify(host.told.tokens) === JSON.stringify(data.tokens);
  host.told = data;
  if (!same) {
    host.strip = host.querySelector(".strip");
    host.line = host.querySelector(".line");
    host.at = data.at;
    host.setAttribute("aria-label", data.label);
    build(host);
    host.strip.onpointerleave = () => ink(host, host.at);
  }
  ink(host, host.at);
}
