// Hold to talk: records while the button is held, and gives what was said as one WAV. No open
// line: nothing leaves the browser before the button is let go.
"use strict";

const WANTED_RATE = 16000; // Hz: what the box plays; less to send
const LET_GO_MS = 60000; // then the microphone is given back
const LEAST_MS = 400;
const SLIPS = 40; // px beside the button: a thumb that slips means no harm

class Talk {
  // button: held with a finger, the mouse, or Space or Enter. longest: s. tell(state, detail):
  // "asking", "ready", "recording" (detail: s left), "ended", "short", "dropped", "refused" (why:
  // "insecure", "denied", "missing", "broken"). said(wav): what was recorded, a Blob.
  constructor(button, longest, tell, said) {
    this.button = button;
    this.longest = longest;
    this.tell = tell;
    this.said = said;
    this.blocks = null;
    this.held = false;
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0) {
        button.setPointerCapture(event.pointerId);
        this.begin();
      }
    });
    button.addEventListener("pointerup", (event) => this.end(this.isOver(event)));
    button.addEventListener("pointercancel", () => this.end(false));
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("keydown", (event) => {
      if (event.key === " " || event.key === "Enter") {
        event.preventDefault();
        if (!event.repeat) {
          this.begin();
        }
      } else if (event.key === "Escape") {
        this.end(false);
      }
    });
    button.addEventListener("keyup", (event) => {
      if (event.key === " " || event.key === "Enter") {
        this.end(true);
      }
    });
    button.addEventListener("blur", () => this.end(false));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        this.end(false);
        this.close();
      }
    });
  }

  // Whether the finger is still over the button: to slide away from it drops what was said.
  isOver(event) {
    const place = this.button.getBoundingClientRect();
    const beside = Math.max(place.left - event.clientX, event.clientX - place.right, 0);
    const above = Math.max(place.top - event.clientY, event.clientY - place.bottom, 0);
    return beside < SLIPS && above < SLIPS;
  }

  async begin() {
    if (this.held) {
      return;
    }
    this.held = true;
    clearTimeout(this.closing);
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.refuse("insecure");
      return;
    }
    if (!this.context) {
      this.tell("asking");
      try {
        await this.open();
      } catch (error) {
        const denied = error.name === "NotAllowedError" || error.name === "SecurityError";
        this.refuse(denied ? "denied" : error.name === "NotFoundError" ? "missing" : "broken");
        return;
      }
      if (!this.held) {
        this.tell("ready"); // the question for the microphone took the finger away
        this.closing = setTimeout(() => this.close(), LET_GO_MS);
        return;
      }
    }
    await this.context.resume();
    if (!this.held) {
      return;
    }
    this.blocks = [];
    this.began = performance.now();
    this.button.dataset.recording = "yes";
    this.count();
  }

  count() {
    if (!this.blocks) {
      return;
    }
    const left = this.longest - (performance.now() - this.began) / 1000;
    if (left <= 0) {
      this.end(true);
      return;
    }
    this.tell("recording", left);
    this.counting = setTimeout(() => this.count(), 200);
  }

  end(keep) {
    this.held = false;
    if (!this.blocks) {
      return;
    }
    clearTimeout(this.counting);
    const blocks = this.blocks;
    const lasted = performance.now() - this.began;
    this.blocks = null;
    delete this.button.dataset.recording;
    this.closing = setTimeout(() => this.close(), LET_GO_MS);
    if (!keep) {
      this.tell("dropped");
    } else if (lasted < LEAST_MS || blocks.length === 0) {
      this.tell("short");
    } else {
      this.tell("ended");
      this.said(wav(blocks, this.context.sampleRate));
    }
  }

  refuse(why) {
    this.held = false;
    this.tell("refused", why);
  }

  async open() {
    const stream = await navigator.mediaDevices.getUserMedia({
      // the square is loud: the browser may take noise off
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true },
    });
    const take = (block) => this.blocks?.push(block);
    try {
      this.context = await tapped(stream, { sampleRate: WANTED_RATE }, take).catch(() =>
        // Firefox records at the microphone's own rate only.
        tapped(stream, {}, take),
      );
      this.stream = stream;
    } catch (error) {
      stream.getTracks().forEach((track) => track.stop());
      throw error;
    }
  }

  close() {
    if (this.held || !this.context) {
      return;
    }
    this.stream.getTracks().forEach((track) => track.stop());
    this.context.close();
    this.context = null;
  }
}

async function tapped(stream, options, take) {
  const context = new AudioContext(options);
  try {
    await context.audioWorklet.addModule("/static/talk-worklet.js");
    const tap = new AudioWorkletNode(context, "tap", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    tap.port.onmessage = (message) => take(message.data);
    context.createMediaStreamSource(stream).connect(tap);
  } catch (error) {
    context.close();
    throw error;
  }
  return context;
}

// WAV of 16 bits, one channel.
function wav(blocks, rate) {
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, letters) => [...letters].forEach((one, i) => view.setUint8(at + i, one.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * count, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * count, true);
  let at = 44;
  for (const block of blocks) {
    for (const sample of block) {
      view.setInt16(at, Math.round(32767 * Math.max(-1, Math.min(1, sample))), true);
      at += 2;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}
