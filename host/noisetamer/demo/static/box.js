// The demo's boxes in the hub's cards: panel, lamp and voice as their drivers were told, and a
// slider for the music of the simulated square.
"use strict";

const DEMO_WORDS = {
  zh: {
    box: "这台设备本身", lamp: "射灯", on: "亮", off: "灭",
    panel: "设备面板上的灯珠，按驱动程序送出的数据画出",
    play: ["听礼貌提示", "听严厉提示"], live: "设备说话时一起听",
    story: "模拟广场", music: "把音乐调高或调低", asTold: "原音量",
  },
  en: {
    box: "The box itself", lamp: "spotlight", on: "on", off: "off",
    panel: "LEDs of the box's panel, drawn from what its driver sends them",
    play: ["Hear the polite message", "Hear the firm message"], live: "Listen when the box speaks",
    story: "Simulated square", music: "Turn the music up or down", asTold: "as in the story",
  },
};
const DEMO = DEMO_WORDS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];

// Points a LED takes in the canvas, which the page then scales.
const LED = 12;

const demoBytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function demoElement(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

class DemoBox {
  constructor(card) {
    this.canvas = demoElement("canvas", { width: 32 * LED, height: 8 * LED });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", DEMO.panel);
    this.lampWords = demoElement("span");
    this.lampPlace = demoElement("div", { className: "lamp" }, demoElement("i"), this.lampWords);
    this.voices = demoElement("div", { className: "demo-voices" });
    this.place = demoElement("section", { className: "demo-box" },
      demoElement("h3", { textContent: DEMO.box }),
      demoElement("div", { className: "shown" }, this.canvas, this.lampPlace),
      this.voices);
    card.querySelector(".reading").after(this.place);
    this.lamp({ on: false });
  }

  panel({ width, height, rgb }) {
    const colours = demoBytes(rgb);
    if (this.canvas.width !== width * LED || this.canvas.height !== height * LED) {
      this.canvas.width = width * LED;
      this.canvas.height = height * LED;
    }
    const pen = this.canvas.getContext("2d");
    pen.fillStyle = "#0d0f12";
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    for (let led = 0; led < width * height; led++) {
      const [red, green, blue] = colours.subarray(3 * led, 3 * led + 3);
      pen.fillStyle = `rgb(${red} ${green} ${blue})`;
      pen.beginPath();
      pen.arc((led % width + 0.5) * LED, (Math.floor(led / width) + 0.5) * LED, 0.4 * LED, 0, 7);
      pen.fill();
    }
  }

  lamp({ on }) {
    this.lampPlace.dataset.on = on ? "yes" : "no";
    this.lampWords.textContent = `${DEMO.lamp} ${on ? DEMO.on : DEMO.off}`;
  }

  // What the amplifier is given, piece by piece, one after the other.
  voice({ rate, samples }) {
    if (!this.sound) {
      return;
    }
    const pcm = new Int16Array(demoBytes(samples).buffer);
    const piece = this.sound.createBuffer(1, pcm.length, rate);
    piece.getChannelData(0).set(Float32Array.from(pcm, (sample) => sample / 32768));
    const source = new AudioBufferSourceNode(this.sound, { buffer: piece });
    source.connect(this.sound.destination);
    this.heardTo = Math.max(this.heardTo ?? 0, this.sound.currentTime + 0.3);
    source.start(this.heardTo);
    this.heardTo += piece.duration;
  }

  story({ messages, live }) {
    const buttons = messages.map((name, place) => {
      const button = demoElement("button", { type: "button", textContent: DEMO.play[place] });
      button.dataset.message = name;
      button.addEventListener("click", () => {
        demoPlayer.src = `/demo/voice/${name}.wav`;
        demoPlayer.play();
      });
      return button;
    });
    if (live) {
      const button = demoElement("button", { type: "button", textContent: DEMO.live });
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        this.sound?.close();
        this.sound = this.sound ? undefined : new AudioContext();
        this.heardTo = 0;
        button.setAttribute("aria-pressed", this.sound ? "true" : "false");
      });
      buttons.push(button);
    }
    this.voices.replaceChildren(...buttons);
  }
}

const demoPlayer = new Audio();

class DemoSquare {
  constructor() {
    this.title = demoElement("strong");
    this.told = demoElement("output");
    this.slider = demoElement("input", { type: "range", min: -30, max: 24, step: 1, value: 0 });
    this.label = demoElement("label", {}, DEMO.music, this.slider, this.told);
    document.querySelector("main").before(
      demoElement("section", { className: "demo-square" }, this.title, this.label));
    this.slider.addEventListener("input", () => this.tell());
    this.slider.addEventListener("change", () => ask("/demo/music", { dB: Number(this.slider.value) }, ""));
    this.tell();
  }

  tell() {
    const dB = Number(this.slider.value);
    this.told.textContent = dB ? `${dB > 0 ? "+" : "−"}${Math.abs(dB)} dB` : DEMO.asTold;
  }

  story({ title, music }) {
    this.title.textContent = `${DEMO.story}: ${title}`;
    this.label.hidden = !music;
  }

  music({ dB }) {
    this.slider.value = dB;
    this.tell();
  }
}

const demoSquare = new DemoSquare();
const demoBoxes = new Map();
for (const card of document.querySelectorAll(".card[data-unit]")) {
  demoBoxes.set(card.dataset.unit, new DemoBox(card));
}
new EventSource("/demo/boxes").onmessage = ({ data }) => {
  const told = JSON.parse(data);
  const those = told.unit ? [demoBoxes.get(told.unit)] : [demoSquare, ...demoBoxes.values()];
  for (const one of those) {
    one?.[told.view]?.(told);
  }
};
