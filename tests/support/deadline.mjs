// Waiting for things that happen: an event with a deadline, or a condition looked at again and again until it holds.
// Nothing here sleeps for a fixed time and hopes. The deadlines are for the broken case alone, so they are generous:
// a slow machine or a sanitizer build makes a test slower, never red.

export const PATIENCE = Number(process.env.WEIR_TEST_PATIENCE ?? 15_000);
const LOOK_AGAIN = 5;

/** `promise`, or an error that says what was waited for. */
export async function within(promise, what, patience = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patience} ms for ${what}`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks until `condition` returns something truthy, and returns that. `what` may be a function, asked at the end. */
export async function until(condition, what, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) {
      throw new Error(`waited ${patience} ms for ${typeof what === 'function' ? what() : what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }
}
