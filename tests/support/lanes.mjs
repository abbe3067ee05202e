// Lanes: one weir with many pools, each with a raw backend and a path prefix of its own. A test takes a lane, and no
// connection that another test left behind can come into its way.
import { RawBackend } from './raw_backend.mjs';
import { Weir } from './weir.mjs';

/** `script` is run by each backend (see RawBackend.start); `pool` and `route` are keys of every pool and route. */
export async function startLanes(stage, count, { script = null, pool = {}, route = {}, ...settings } = {}) {
  const lanes = [];
  for (let i = 0; i < count; i += 1) {
    lanes.push({ path: `/lane${i}`, pool: `lane${i}`, backend: stage.own(await RawBackend.start(script)) });
  }
  const weir = stage.own(
    await Weir.start({
      ...settings,
      pools: Object.fromEntries(lanes.map((lane) => [lane.pool, { ...pool, endpoints: [lane.backend.address] }])),
      routes: lanes.map((lane) => ({ name: lane.pool, ...route, match: { path: lane.path }, pool: lane.pool })),
    }),
  );
  let next = 0;
  const take = () => {
    if (next === lanes.length) throw new Error(`more than the ${count} lanes are wanted`);
    next += 1;
    return lanes[next - 1];
  };
  return { weir, take };
}
