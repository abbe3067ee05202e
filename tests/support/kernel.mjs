// What Linux says of a TCP connection on this machine, whoever owns its end: state and queues, of /proc/net/tcp.
import { readFileSync } from 'node:fs';

const STATES = ['', 'established', 'syn_sent', 'syn_recv', 'fin_wait1', 'fin_wait2', 'time_wait', 'close', 'close_wait', 'last_ack', 'listen', 'closing'];

/** The end of a connection that has these ports: { state, unsent, unread }, bytes in the kernel; null where there is none. */
export function tcpEnd(localPort, remotePort) {
  const hex = (port) => port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)) {
    const [, local, remote, state, queues] = line.trim().split(/\s+/);
    if (!local?.endsWith(`:${hex(localPort)}`) || !remote.endsWith(`:${hex(remotePort)}`)) continue;
    const [unsent, unread] = queues.split(':').map((bytes) => parseInt(bytes, 16));
    return { state: STATES[parseInt(state, 16)], unsent, unread };
  }
  return null;
}
