// Certificates of a test's own, made by the openssl command: an authority, and what it signs. Each is { cert, key }, the
// texts in PEM; what they stand for is in `names` ("shop.example", "*.shop.example", "127.0.0.1").
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KINDS = { ecdsa: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], rsa: ['rsa:2048'] };

export class Authority {
  static async make(name = 'an authority of tests') {
    const authority = new Authority();
    Object.assign(authority, await inFolder((folder) => selfSigned(folder, name, ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign'])));
    return authority;
  }

  /** `usage`: serverAuth or clientAuth. `days` may be negative: then it has expired. */
  sign(names, { kind = 'ecdsa', days = 90, usage = 'serverAuth' } = {}) {
    return inFolder(async (folder) => {
      const file = (name) => path.join(folder, name);
      await writeFile(file('ca.pem'), this.cert);
      await writeFile(file('ca.key'), this.key);
      await writeFile(file('ext'), `subjectAltName=${alternatives(names)}\nextendedKeyUsage=${usage}\nbasicConstraints=CA:FALSE\n`);
      await run('openssl', ['req', '-new', '-newkey', ...KINDS[kind], '-nodes', '-keyout', file('key'), '-out', file('csr'), '-subj', `/CN=${names[0]}`]);
      const dates = days >= 0 ? ['-days', String(days)] : [];
      if (days >= 0) {
        await run('openssl', ['x509', '-req', '-in', file('csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-set_serial', serial(), '-extfile', file('ext'), '-out', file('cert'), ...dates]);
      } else {
        await signInThePast(folder, days);
      }
      return { cert: await readFile(file('cert'), 'utf8'), key: await readFile(file('key'), 'utf8'), names };
    });
  }
}

function serial() {
  return String(Math.floor(Math.random() * 2 ** 48) + 1);
}

function alternatives(names) {
  return names.map((name) => `${/^[0-9.]+$|:/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',');
}

// Only `openssl ca` takes dates.
async function signInThePast(folder, days) {
  const file = (name) => path.join(folder, name);
  const stamp = (at) => new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14) + 'Z';
  await writeFile(file('index'), '');
  await writeFile(file('serial'), '01');
  await writeFile(file('ca.cnf'), `[ca]\ndefault_ca=a\n[a]\ndatabase=${file('index')}\nserial=${file('serial')}\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`);
  await run('openssl', ['ca', '-batch', '-config', file('ca.cnf'), '-in', file('csr'), '-cert', file('ca.pem'), '-keyfile', file('ca.key'), '-extfile', file('ext'), '-out', file('cert'), '-notext',
    '-startdate', stamp(Date.now() + (days - 30) * 86_400_000), '-enddate', stamp(Date.now() + days * 86_400_000)]);
}

async function selfSigned(folder, name, extensions) {
  const file = (end) => path.join(folder, end);
  await run('openssl', ['req', '-x509', '-newkey', ...KINDS.ecdsa, '-nodes', '-days', '365', '-keyout', file('key'), '-out', file('cert'), '-subj', `/CN=${name}`, ...extensions]);
  return { cert: await readFile(file('cert'), 'utf8'), key: await readFile(file('key'), 'utf8') };
}

async function inFolder(work) {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-certificates-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
