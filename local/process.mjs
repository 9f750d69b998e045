// Plain JavaScript, like everything that install.mjs needs: it runs before Node 24 is there.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

let bootId;

/** @see process.d.mts */
export function identify(pid) {
  if (process.platform !== 'linux') return identifyByPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, and a name may hold brackets and spaces: count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return { pid, birth: `${bootId}/${fields[19]}` };
  } catch {
    return null;
  }
}

function identifyByPs(pid) {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=,command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    if (line === '' || line.startsWith('Z')) return null;
    return { pid, birth: line.replace(/^\S+\s+/, '') };
  } catch {
    return null;
  }
}

/** @see process.d.mts */
export function isRunning(identity) {
  return identify(identity.pid)?.birth === identity.birth;
}

/** @see process.d.mts */
export function parentOf(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return null;
  }
}

/** @see process.d.mts */
export function commandOf(pid) {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean).join(' ');
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/** @see process.d.mts */
export function endsWithParent(command, signal) {
  if (process.platform !== 'linux' || SETPRIV === undefined) return [...command];
  // Who died before the kernel was asked is not told of: then we have another parent by now, and never start.
  const unlessOrphan = `[ "$PPID" = ${process.pid} ] && exec "$@"`;
  return [SETPRIV, '--pdeathsig', signal.slice('SIG'.length), '--', 'sh', '-c', unlessOrphan, 'sh', ...command];
}

/** @see process.d.mts */
export function signalGroup(leader, signal) {
  try {
    process.kill(-leader, signal);
  } catch {
    // It ended by itself.
  }
}
