// A text as a row of words, each inked by what it adds; point at one (mouse, finger or keyboard) and its number is read out.

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".samajh-words");
  const strip = host.querySelector(".strip");
  const line = host.querySelector(".line");
  strip.setAttribute("aria-label", data.label);
  strip.replaceChildren();
  line.textContent = data.hint;
  for (const one of data.chips) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = one.word;
    chip.setAttribute("aria-label", `${one.word} ${one.told}`);
    chip.style.background = `color-mix(in srgb, ${one.ink} ${Math.round(100 * one.strength)}%, transparent)`;
    chip.style.color = one.white ? "#FFFFFF" : "inherit";
    chip.style.borderBottom = one.line === "none" ? "2px solid transparent" : `2px ${one.line} ${one.ink}`;
    if (one.sign) {
      const sign = document.createElement("sup");
      sign.textContent = one.sign;
      chip.append(sign);
    }
    const tell = () => {
      line.textContent = `${one.word}  ${one.told}`;
    };
    for (const event of ["pointerenter", "focus", "click"]) chip.addEventListener(event, tell);
    strip.append(chip);
  }
}
