// The same job for each of many things, a few of them at once: what would take long one after the other.

/** Runs `job(thing)` for every one of `things`, `width` at a time; ends with the first failure. */
export async function atOnce(things, width, job) {
  const left = [...things];
  const lane = async () => {
    while (left.length > 0) await job(left.shift());
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** 0, 1, ... `count` - 1. */
export const upTo = (count) => Array.from({ length: count }, (_, i) => i);
