// Makes itself heard and felt, and keeps the screen on. Sound is made here: nothing is loaded.
"use strict";

const RING = [[880, 0.35], [1175, 0.35], [880, 0.35], [1175, 0.35]]; // Hz, s
const LOST = [[330, 0.6], [262, 0.9]];
const EVERY_MS = 2200;

class Ring {
  #audio = null;
  #timer = null;
  #tune = null;

  // In answer to a touch: browsers let no page be heard before.
  async allow() {
    this.#audio ??= new AudioContext();
    await this.#audio.resume();
    return this.heard;
  }

  get heard() {
    return this.#audio?.state === "running";
  }

  // tune: RING, LOST, or null for silence. Goes on until told otherwise.
  play(tune) {
    if (tune === this.#tune) {
      return;
    }
    this.#tune = tune;
    clearInterval(this.#timer);
    navigator.vibrate?.(0);
    if (tune) {
      this.once(tune);
      this.#timer = setInterval(() => this.once(tune), EVERY_MS);
    }
  }

  once(tune) {
    navigator.vibrate?.(tune.flatMap(([, length]) => [length * 800, length * 200]));
    if (!this.#audio) {
      return;
    }
    this.#audio.resume(); // after a phone call the system has suspended it
    let at = this.#audio.currentTime + 0.02;
    for (const [pitch, length] of tune) {
      const tone = this.#audio.createOscillator();
      const loudness = this.#audio.createGain();
      tone.type = "square"; // overtones: small loudspeakers have no bass
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0.0001, at);
      loudness.gain.exponentialRampToValueAtTime(0.6, at + 0.01);
      loudness.gain.setValueAtTime(0.6, at + length * 0.8);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + length * 0.98);
      tone.connect(loudness).connect(this.#audio.destination);
      tone.start(at);
      tone.stop(at + length);
      at += length;
    }
  }
}

// The screen stays on: by the browser's own lock, which needs HTTPS or this machine; elsewhere by
// a silent video that plays, which most phones honour and none promises.
class Awake {
  #lock = null;
  #video = null;
  #wanted = false;

  constructor(tell) {
    this.tell = tell; // "awake", "awake_perhaps" or "asleep"
    document.addEventListener("visibilitychange", () => {
      if (this.#wanted && document.visibilityState === "visible") {
        this.hold();
      }
    });
  }

  async hold() {
    this.#wanted = true;
    try {
      this.#lock = await navigator.wakeLock.request("screen");
      this.#lock.addEventListener("release", () => this.#wanted && this.tell("asleep"));
      this.tell("awake");
      return;
    } catch {
      // not here, or not now (a low battery)
    }
    try {
      await this.#play();
      this.tell("awake_perhaps");
    } catch {
      this.tell("asleep");
    }
  }

  release() {
    this.#wanted = false;
    this.#lock?.release();
    this.#lock = null;
    this.#video?.remove();
    this.#video = null;
  }

  async #play() {
    if (!this.#video) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 2;
      const pen = canvas.getContext("2d");
      const video = document.createElement("video");
      video.className = "awake";
      video.muted = video.playsInline = true;
      video.srcObject = canvas.captureStream(1);
      document.body.append(video);
      this.#video = video;
      setInterval(() => pen.fillRect(0, 0, 2, 2), 1000);
    }
    await this.#video.play();
  }
}
