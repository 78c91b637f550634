const PATIENCE_MS = 180_000;

/**
 * A reporter of vitest that names files of tests which take long, for as long as they do: vitest itself
 * says nothing of a file before its end, so a run that hangs would not say where.
 */
export default class UnfinishedFiles {
  #begun = new Map();
  #timer;

  onTestRunStart() {
    this.#timer = setInterval(() => this.#tell(), PATIENCE_MS / 3);
  }

  onTestModuleQueued({ relativeModuleId }) {
    this.#begun.set(relativeModuleId, Date.now());
  }

  onTestModuleEnd({ relativeModuleId }) {
    this.#begun.delete(relativeModuleId);
  }

  onTestRunEnd() {
    clearInterval(this.#timer);
  }

  #tell() {
    for (const [file, atMs] of this.#begun) {
      const tookMs = Date.now() - atMs;
      if (tookMs < PATIENCE_MS) continue;
      process.stderr.write(`${file} has not ended after ${Math.round(tookMs / 1000)} s\n`);
    }
  }
}
