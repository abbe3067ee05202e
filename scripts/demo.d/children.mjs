// The processes of the demo: starts them, notices when one ends, and ends them all. setpriv asks the kernel to end a
// child when we die, however that happens; detached keeps the terminal's Ctrl-C from reaching them behind our back.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const children = [];
let ending = false;

// Starts one; `log` is a file descriptor for what it says. `on_loss(name, why)` is told when it ends unasked.
export function start(name, log, command, on_loss) {
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...command], {
        detached: true,
        stdio: ['ignore', log, log],
    });
    const ended = new Promise((resolve) => {
        child.on('error', (error) => resolve(error.message));
        child.on('exit', (code, signal) => resolve(signal ?? code));
    });
    const one = { name, child, ended };
    ended.then((how) => {
        if (ending || !children.includes(one)) return;
        children.splice(children.indexOf(one), 1);
        on_loss(name, how);
    });
    children.push(one);
    return child;
}

// Ends one with SIGTERM, with SIGKILL after five seconds; resolves to its exit code, or to the signal that ended it.
async function end_one({ child, ended }) {
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
    const how = await ended;
    clearTimeout(patience);
    return how;
}

// Ends one at once, as a crash would, and tells nobody.
export async function kill(name) {
    const at = children.findIndex((one) => one.name === name);
    const [{ child, ended }] = children.splice(at, 1);
    child.kill('SIGKILL');
    await ended;
}

// Ends all, the last one started first, so that weir drains while its backends still answer. Resolves to [name, how].
export async function end_all() {
    ending = true;
    const how = [];
    for (const one of children.splice(0).reverse()) how.push([one.name, await end_one(one)]);
    return how;
}

// Resolves once something accepts on the port; rejects after `seconds`.
export async function listening(port, seconds) {
    const until = Date.now() + seconds * 1000;
    for (;;) {
        const open = await new Promise((resolve) => {
            const socket = net.connect(port, '127.0.0.1', () => resolve(true));
            socket.on('connect', () => socket.destroy());
            socket.on('error', () => resolve(false));
        });
        if (open) return;
        if (Date.now() > until) throw new Error(`nothing listens on port ${port} after ${seconds} s`);
        await sleep(50);
    }
}
