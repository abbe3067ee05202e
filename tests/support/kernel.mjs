// What Linux says of a TCP connection on this machine, whoever owns its end: state and queues, of /proc/net/tcp.
import { readFileSync } from 'node:fs';

const STATES = ['', 'established', 'syn_sent', 'syn_recv', 'fin_wait1', 'fin_wait2', 'time_wait', 'close', 'close_wait', 'last_ack', 'listen', 'closing'];

/** The end of a connection that has these ports: { state, unsent, unread }, bytes in the kernel; null where there is none. */
export function tcpEnd(localPort, remotePort) {
  const hex = (port) => port.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(`:${hex(localPort)} [0-9A-F]+:${hex(remotePort)} (..) ([0-9A-F]+):([0-9A-F]+) `).exec(readFileSync('/proc/net/tcp', 'latin1'));
  if (line === null) return null;
  const [state, unsent, unread] = line.slice(1).map((number) => parseInt(number, 16));
  return { state: STATES[state], unsent, unread };
}
