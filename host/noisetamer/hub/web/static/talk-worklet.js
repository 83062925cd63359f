// Hands on what the microphone gives, as it comes: blocks of 128 samples, -1 to 1.
"use strict";

class Tap extends AudioWorkletProcessor {
  process([input]) {
    if (input.length > 0) {
      // a copy: the browser uses its own again
      this.port.postMessage(input[0].slice());
    }
    return true;
  }
}

registerProcessor("tap", Tap);
