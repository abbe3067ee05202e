// Reads the Prometheus text format: series by name and labels.

const LINE = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})? ([^ ]+)(?: [0-9]+)?$/;
const LABEL = /([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

export class Metrics {
  constructor(text) {
    this.text = text;
    this.series = [];
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const match = LINE.exec(line);
      if (!match) throw new Error(`not a line of the Prometheus text format: ${line}`);
      const labels = Object.fromEntries([...(match[2] ?? '').matchAll(LABEL)].map(([, name, value]) => [name, value.replace(/\\(.)/g, '$1')]));
      this.series.push({ name: match[1], labels, value: Number(match[3]) });
    }
  }

  /** The series of `name` whose labels include `labels`. */
  find(name, labels = {}) {
    return this.series.filter(
      (series) => series.name === name && Object.entries(labels).every(([key, value]) => series.labels[key] === String(value)),
    );
  }

  /** Their sum; 0 when there is none, as of a counter that was not yet used. */
  sum(name, labels = {}) {
    return this.find(name, labels).reduce((total, series) => total + series.value, 0);
  }
}
