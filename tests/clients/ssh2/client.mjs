// The ssh2 package of npm, under ssh2-sftp-client and most Node programs. The list of operations is
// explained in ../common.sh.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, createReadStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';

const { HOST, PORT, STALL_PORT, LOGIN, KEY, WRONG_KEY } = process.env;
const PATIENCE_MS = 30_000;

// Runs `use` with a session whose functions give promises.
async function session(use, { port = PORT, key = KEY } = {}) {
  const client = new ssh2.Client();
  await new Promise((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({ host: HOST, port: Number(port), username: LOGIN, privateKey: readFileSync(key) });
  });
  client.on('error', () => {});
  // Otherwise the kernel holds back every second packet of a file for 40 ms, with any server.
  client.setNoDelay(true);
  try {
    const sftp = await promisify(client.sftp.bind(client))();
    const calls = {};
    for (const name of ['fastPut', 'fastGet', 'stat', 'open', 'write', 'close', 'rename', 'utimes', 'readdir', 'appendFile']) {
      calls[name] = promisify(sftp[name].bind(sftp));
    }
    calls.stream = (local, remote) =>
      new Promise((resolve, reject) => {
        const to = sftp.createWriteStream(remote);
        to.once('close', resolve).once('error', reject);
        createReadStream(local).once('error', reject).pipe(to);
      });
    return await use(calls);
  } finally {
    client.end();
  }
}

const send = (local, remote, where) => session((sftp) => sftp.fastPut(local, remote), where);

const operations = {
  put: () => send('put.xml', 'inbox/put.xml'),
  async overwrite() {
    await send('overwrite-1.xml', 'inbox/overwrite.xml');
    await session((sftp) => sftp.stream('overwrite-2.xml', 'inbox/overwrite.xml'));
  },
  async resume() {
    await send('resume.half', 'inbox/resume.xml');
    await session(async (sftp) => {
      const { size } = await sftp.stat('inbox/resume.xml');
      const rest = readFileSync('resume.xml').subarray(size);
      const handle = await sftp.open('inbox/resume.xml', 'r+');
      await sftp.write(handle, rest, 0, rest.length, size);
      await sftp.close(handle);
    });
  },
  rename: () =>
    session(async (sftp) => {
      await sftp.stream('rename.xml', 'inbox/rename.xml.tmp');
      await sftp.rename('inbox/rename.xml.tmp', 'inbox/rename.xml');
    }),
  times: () =>
    session(async (sftp) => {
      await sftp.fastPut('times.xml', 'inbox/times.xml');
      const { mtime } = statSync('times.xml');
      await sftp.utimes('inbox/times.xml', mtime, mtime);
    }),
  list: () =>
    session(async (sftp) => {
      const names = (await sftp.readdir('inbox')).map((entry) => entry.filename);
      if (!names.includes('put.xml')) throw new Error(`only ${names}`);
    }),
  parallel: () =>
    Promise.all([...Array(10).keys()].map((n) => send(`parallel-${n}.xml`, `inbox/parallel-${n}.xml`))),
  async cancel() {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'send-and-stall']);
    const began = Date.now();
    while (!existsSync('stalled')) {
      if (child.exitCode !== null) throw new Error('it ended by itself');
      if (Date.now() - began > PATIENCE_MS) throw new Error('it sent too little');
      await pause(50);
    }
    child.kill('SIGKILL');
  },
  empty: () => session((sftp) => sftp.stream('empty.xml', 'inbox/empty.xml')),
  limit: () => send('limit.xml', 'inbox/limit.xml'),
  limit_over: () => send('limit-over.xml', 'inbox/limit-over.xml'),
  names: () =>
    session(async (sftp) => {
      for (const name of readFileSync('names.txt', 'utf8').trim().split('\n')) {
        await sftp.fastPut(`names/${name}`, `inbox/${name}`);
      }
    }),
  async wrong_key() {
    try {
      await send('put.xml', 'inbox/wrong-key.xml', { key: WRONG_KEY });
    } catch (error) {
      if (error.level === 'client-authentication') return;
      throw error;
    }
    throw new Error('it was let in');
  },
  many: () =>
    session(async (sftp) => {
      for (const name of readdirSync('many')) await sftp.fastPut(`many/${name}`, `inbox/${name}`);
    }),
  receipt: () =>
    session(async (sftp) => {
      const began = Date.now();
      for (;;) {
        try {
          return await sftp.fastGet('inbox/put.xml.receipt.json', 'fetched.json');
        } catch (error) {
          if (error.code !== 2 || Date.now() - began > PATIENCE_MS) throw error;
          await pause(50);
        }
      }
    }),
};

if (process.argv[2] === 'send-and-stall') {
  await send('cancel.xml', 'inbox/cancel.xml', { port: STALL_PORT });
} else {
  for (const [name, run] of Object.entries(operations)) {
    try {
      await run();
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`FAILED ${name}: ${error.message}`);
    }
  }
}
