// Seeds a dev PDS through its public XRPC API only (createAccount, uploadBlob, createRecord, applyWrites ...).
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'

const HERE = path.dirname(new URL(import.meta.url).pathname)
const HOME = process.env.SKYARCHIVE_E2E_HOME ?? HERE
const B32 = '234567abcdefghijklmnopqrstuvwxyz'
// TID: 53 bits of microseconds + 10 bits clock id, base32-sortable
export function tid(ms, micro = 0, clock = 7) {
  let n = ((BigInt(ms) * 1000n + BigInt(micro)) << 10n) | BigInt(clock)
  let s = ''
  for (let i = 0; i < 13; i++) { s = B32[Number(n & 31n)] + s; n >>= 5n }
  return s
}
export class XrpcError extends Error {
  constructor(status, body, nsid) { super(`${nsid}: HTTP ${status} ${JSON.stringify(body)}`); this.status = status; this.body = body }
}
export class Xrpc {
  constructor(base, { bypass, admin } = {}) { this.base = base; this.bypass = bypass; this.admin = admin; this.jwt = null; this.refreshJwt = null; this.did = null; this.handle = null }
  headers(extra = {}) {
    const h = { ...extra }
    if (this.bypass) h['x-ratelimit-bypass'] = this.bypass
    if (this.admin) h.authorization = 'Basic ' + Buffer.from('admin:' + this.admin).toString('base64')
    else if (this.jwt) h.authorization = 'Bearer ' + this.jwt
    return h
  }
  async get(nsid, params = {}) {
    const u = new URL('/xrpc/' + nsid, this.base)
    for (const [k, v] of Object.entries(params)) for (const x of [].concat(v)) if (x !== undefined) u.searchParams.append(k, x)
    return this._do(nsid, u, { headers: this.headers() })
  }
  async post(nsid, body, { raw, type } = {}) {
    const u = new URL('/xrpc/' + nsid, this.base)
    const init = { method: 'POST' }
    if (raw) { init.body = raw; init.headers = this.headers({ 'content-type': type }) }
    else if (body !== undefined) { init.body = JSON.stringify(body); init.headers = this.headers({ 'content-type': 'application/json' }) }
    else init.headers = this.headers()
    return this._do(nsid, u, init)
  }
  async _do(nsid, u, init) {
    const r = await fetch(u, init)
    const txt = await r.text()
    let j; try { j = txt ? JSON.parse(txt) : {} } catch { j = txt }
    if (!r.ok) throw new XrpcError(r.status, j, nsid)
    return j
  }
}

const te = new TextEncoder()
function byteRange(text, needle, from = 0) {
  const i = text.indexOf(needle, from)
  if (i < 0) throw new Error('facet needle not found: ' + needle)
  const s = te.encode(text.slice(0, i)).length
  return { byteStart: s, byteEnd: s + te.encode(needle).length }
}
const linkFacet = (t, needle, uri) => ({ $type: 'app.bsky.richtext.facet', index: byteRange(t, needle), features: [{ $type: 'app.bsky.richtext.facet#link', uri }] })
const mentionFacet = (t, needle, did) => ({ $type: 'app.bsky.richtext.facet', index: byteRange(t, needle), features: [{ $type: 'app.bsky.richtext.facet#mention', did }] })
const tagFacet = (t, needle, tag) => ({ $type: 'app.bsky.richtext.facet', index: byteRange(t, needle), features: [{ $type: 'app.bsky.richtext.facet#tag', tag }] })

export const PASSWORD = 'devnet-pass'

export async function seed({ pdsUrl, adminPassword = 'admin-pass', bypass, loadPosts = 3000, tld = '.test', log = () => {}, barrier = async () => {} }) {
  const T0 = Date.now()
  const texts = JSON.parse(fs.readFileSync(path.join(HERE, 'seed-posts.json'), 'utf8')) // oldest first; [22] is the intro (pinned, shown on top)
  const require = createRequire(path.join(HOME, 'net', 'package.json'))
  const sharp = require('sharp')
  const acc = {}
  const admin = new Xrpc(pdsUrl, { bypass, admin: adminPassword })

  async function account(handle, profile) {
    handle = handle.replace(/\.test$/, tld)
    const c = new Xrpc(pdsUrl, { bypass })
    const r = await c.post('com.atproto.server.createAccount', { handle, email: handle.split('.')[0] + '@mail.test', password: PASSWORD })
    c.jwt = r.accessJwt; c.refreshJwt = r.refreshJwt; c.did = r.did; c.handle = r.handle
    if (profile) await c.post('com.atproto.repo.putRecord', { repo: c.did, collection: 'app.bsky.actor.profile', rkey: 'self', record: { $type: 'app.bsky.actor.profile', createdAt: '2024-11-10T08:00:00.000Z', ...profile } })
    acc[handle] = c
    return c
  }
  let micro = 0
  async function post(c, at, text, extra = {}) {
    const ms = Date.parse(at)
    const record = { $type: 'app.bsky.feed.post', text, langs: ['fr'], createdAt: new Date(ms).toISOString(), ...extra }
    const r = await c.post('com.atproto.repo.createRecord', { repo: c.did, collection: 'app.bsky.feed.post', rkey: tid(ms, ++micro % 1000), record })
    return { uri: r.uri, cid: r.cid, commit: r.commit, record }
  }
  const ref = (p) => ({ uri: p.uri, cid: p.cid })
  const reply = (root, parent) => ({ reply: { root: ref(root), parent: ref(parent) } })
  const rec = (c, collection, record, rkey) => c.post('com.atproto.repo.createRecord', { repo: c.did, collection, rkey, record: { $type: collection, createdAt: '2025-04-12T09:00:00.000Z', ...record } })
  const plus = (iso, min) => new Date(Date.parse(iso) + min * 60e3).toISOString()

  // --- accounts -------------------------------------------------------------
  const dfg = await account('dataforgoodfr.test', { displayName: 'Data For Good France', description: '6000+ tech pirates' })
  const vmc = await account('vivremoinscon.test', { displayName: 'Vivre moins con' })
  const dar = await account('darbysaxbe.test', { displayName: 'Darby Saxbe' })
  const theo = await account('theo.test', { displayName: 'Théo Alves Da Costa' })
  const troll = await account('trolldeservice.test', { displayName: 'Troll' })
  const prud = await account('prudente.test', { displayName: 'Prudente', labels: { $type: 'com.atproto.label.defs#selfLabels', values: [{ val: '!no-unauthenticated' }] } })
  const lou = await account('louwelgryn.test')
  const marks = {}
  const head = async (c) => (await c.get('com.atproto.sync.getLatestCommit', { did: c.did }))
  marks.empty = await head(lou)

  // avatar + images
  const png = await sharp({ create: { width: 320, height: 200, channels: 3, background: { r: 30, g: 90, b: 160 } } }).composite([{ input: Buffer.from('<svg width="320" height="200"><rect x="20" y="120" width="40" height="60" fill="#fff"/><rect x="90" y="80" width="40" height="100" fill="#fff"/><rect x="160" y="30" width="40" height="150" fill="#fc0"/></svg>') }]).png().toBuffer()
  const jpg = await sharp({ create: { width: 600, height: 315, channels: 3, background: { r: 200, g: 220, b: 190 } } }).jpeg().toBuffer()
  const up = async (c, raw, type) => (await c.post('com.atproto.repo.uploadBlob', undefined, { raw, type })).blob
  const avatar = await up(lou, jpg, 'image/jpeg')
  await lou.post('com.atproto.repo.putRecord', { repo: lou.did, collection: 'app.bsky.actor.profile', rkey: 'self', record: { $type: 'app.bsky.actor.profile', displayName: 'Lou Welgryn', avatar, description: 'Co-President of @dataforgoodfr.bsky.social a community of 6000+ tech pirates volunteering for social interest https://dataforgood.fr', createdAt: '2024-11-10T08:00:00.000Z' } })

  // --- (a) big self-reply thread ---------------------------------------------
  const A = []
  const intro = await post(lou, '2025-02-03T08:30:00Z', texts[22]); A.push(intro)
  for (const [k, i] of [0, 1, 2, 3, 4].entries()) A.push(await post(lou, plus('2025-02-03T08:31:00Z', k), texts[i], reply(intro, A.at(-1))))
  const hyper = A.at(-1)
  // the article "en commentaire": second self-reply directly under the root (a fork), with an external link card with thumb
  const thumb = await up(lou, jpg, 'image/jpeg')
  const artText = 'L\'article complet est sur bonpote.com 👉 bonpote.com/intelligence-art... #IA'
  const article = await post(lou, '2025-02-03T08:40:00Z', artText, {
    ...reply(intro, intro), tags: ['numérique'],
    facets: [linkFacet(artText, 'bonpote.com/intelligence-art...', 'https://bonpote.com/intelligence-artificielle-le-vrai-cout-environnemental-de-la-course-a-lia/'), tagFacet(artText, '#IA', 'IA')],
    embed: { $type: 'app.bsky.embed.external', external: { uri: 'https://bonpote.com/intelligence-artificielle-le-vrai-cout-environnemental-de-la-course-a-lia/', title: 'Intelligence artificielle : le vrai coût environnemental', description: 'Par Lou Welgryn et Théo Alves Da Costa', thumb } },
  })
  // replies by others, and an answer to one of them (same author, but NOT a thread continuation)
  const theoReply = await post(theo, '2025-02-03T09:00:00Z', 'Bravo ! 2/3 des data centers sont en zone de stress hydrique ? Une source ?', reply(intro, A[2]))
  const louAnswer = await post(lou, '2025-02-03T09:10:00Z', 'Oui, le rapport est dans l\'article 👇', reply(intro, theoReply))
  const trollReply = await post(troll, '2025-02-03T09:30:00Z', 'N\'importe quoi.', reply(intro, A[1]))
  // second branch below hyper-personnalisation (fork in the author's own thread)
  const quete = await post(lou, '2025-02-12T07:45:00Z', texts[5], reply(intro, hyper))
  const rappel = await post(lou, '2025-02-12T07:46:00Z', texts[6], reply(intro, quete))

  // --- standalone posts with facets -------------------------------------------
  const sci = await post(lou, '2025-02-14T18:00:00Z', texts[7], { facets: [mentionFacet(texts[7], '@darbysaxbe.bsky.social', dar.did)] })
  const zuc = await post(lou, '2025-02-18T12:00:00Z', texts[8], { facets: [mentionFacet(texts[8], '@vivremoinscon.bsky.social', vmc.did), linkFacet(texts[8], '20fevrier.fr', 'https://20fevrier.fr')] })

  // --- (c) article de chercheurs ----------------------------------------------
  const C = [await post(lou, '2025-02-20T07:00:00Z', texts[9])]
  for (const i of [10, 11, 12]) C.push(await post(lou, plus('2025-02-20T07:01:00Z', C.length), texts[i], reply(C[0], C.at(-1))))
  const vision = await post(lou, '2025-03-02T09:00:00Z', texts[13])

  // --- (b) PLS ------------------------------------------------------------------
  const Bt = [await post(lou, '2025-04-07T06:30:00Z', texts[14])]
  for (const i of [15, 16, 17]) Bt.push(await post(lou, plus('2025-04-07T06:31:00Z', Bt.length), texts[i], reply(Bt[0], Bt.at(-1))))

  // --- (a) continued, months later ----------------------------------------------
  let prev = hyper
  const cont = []
  for (const i of [18, 19, 20, 21]) {
    const t = texts[i]
    const extra = reply(intro, prev)
    if (i === 21) {
      const u = 'https://lnkd.in/e69seS_Z'
      extra.facets = [linkFacet(t, 'lnkd.in/e69seS_Z', u)]
      extra.embed = { $type: 'app.bsky.embed.external', external: { uri: u, title: 'LinkedIn', description: 'This link will take you to a page that’s not on LinkedIn' } }
    }
    prev = await post(lou, plus('2025-04-14T10:00:00Z', cont.length), t, extra); cont.push(prev)
  }

  // --- embeds: image with alt, quote, quote+media, image only ---------------------
  const img = await up(lou, png, 'image/png')
  const imagePost = await post(lou, '2025-04-15T08:00:00Z', 'La consommation électrique des data centers, selon l\'AIE : de 460 TWh (2022) à plus de 1000 TWh en 2026.', { embed: { $type: 'app.bsky.embed.images', images: [{ image: img, alt: 'Histogramme : consommation électrique des data centers en TWh, 2020, 2022 et projection 2026', aspectRatio: { width: 320, height: 200 } }] } })
  const dfgPost = await post(dfg, '2025-04-15T09:00:00Z', 'Nouveau rapport : fabriquer un serveur d\'IA consomme 1/3 d\'eau de plus qu\'un serveur classique.')
  const quotePost = await post(lou, '2025-04-15T10:00:00Z', 'À lire absolument, le rapport de Data for Good sur l\'eau 👇', { embed: { $type: 'app.bsky.embed.record', record: ref(dfgPost) } })
  const rwm = await post(lou, '2025-04-15T10:30:00Z', 'Le même en image', { embed: { $type: 'app.bsky.embed.recordWithMedia', record: { $type: 'app.bsky.embed.record', record: ref(dfgPost) }, media: { $type: 'app.bsky.embed.images', images: [{ image: img, alt: '' }] } } })
  const imageOnly = await post(lou, '2025-04-15T10:45:00Z', '', { embed: { $type: 'app.bsky.embed.images', images: [{ image: img, alt: 'même image, sans texte' }] } })
  const selfQuote = await post(lou, '2025-04-15T11:00:00Z', 'Je remonte ce fil sur les effets indirects.', { embed: { $type: 'app.bsky.embed.record', record: ref(A[3]) } })
  const labelled = await post(lou, '2025-04-15T11:10:00Z', 'Image sensible (test d\'auto-étiquette).', { labels: { $type: 'com.atproto.label.defs#selfLabels', values: [{ val: 'graphic-media' }] } })
  const english = await post(lou, '2025-04-15T11:20:00+02:00', 'Rebound effect: data centers could use 945 TWh of electricity by 2030 (IEA).', { langs: ['en', 'fr'] })

  // --- repost, like, follow, pin, block, threadgate, postgate, unknown collection ----
  await rec(lou, 'app.bsky.feed.repost', { subject: ref(dfgPost) })
  await rec(lou, 'app.bsky.feed.repost', { subject: ref(intro) }) // self-repost
  await rec(lou, 'app.bsky.feed.like', { subject: ref(dfgPost) })
  await rec(theo, 'app.bsky.feed.like', { subject: ref(intro) })
  await rec(dfg, 'app.bsky.feed.repost', { subject: ref(intro) })
  for (const c of [dfg, vmc, theo]) { await rec(lou, 'app.bsky.graph.follow', { subject: c.did }); await rec(c, 'app.bsky.graph.follow', { subject: lou.did }) }
  await rec(lou, 'app.bsky.graph.block', { subject: troll.did })
  await rec(lou, 'app.bsky.feed.threadgate', { post: Bt[0].uri, allow: [{ $type: 'app.bsky.feed.threadgate#mentionRule' }] }, Bt[0].uri.split('/').pop())
  await rec(lou, 'app.bsky.feed.postgate', { post: Bt[0].uri, embeddingRules: [{ $type: 'app.bsky.feed.postgate#disableRule' }] }, Bt[0].uri.split('/').pop())
  await rec(lou, 'com.example.notes', { note: 'collection inconnue de Bluesky', n: 42 })
  const prof = await lou.get('com.atproto.repo.getRecord', { repo: lou.did, collection: 'app.bsky.actor.profile', rkey: 'self' })
  await lou.post('com.atproto.repo.putRecord', { repo: lou.did, collection: 'app.bsky.actor.profile', rkey: 'self', record: { ...prof.value, pinnedPost: ref(intro) } })

  // --- prudente ---------------------------------------------------------------------
  const pr1 = await post(prud, '2025-03-01T10:00:00Z', '1/2 Je ne veux pas être vue sans connexion. L\'effet rebond annule les gains.')
  await post(prud, '2025-03-01T10:01:00Z', '2/2 Fin du fil.', reply(pr1, pr1))

  // --- a thread whose 3rd post will be deleted, and a stand-alone post that will be ----
  const D = [await post(lou, '2025-05-01T08:00:00Z', '1/4 Fil amputé : le cobalt vient à 70 % de RDC.')]
  for (const t of ['2/4 Le tungstène, lui, vient surtout de Chine.', '3/4 ERREUR DE CHIFFRE : ce post sera supprimé.', '4/4 Sources dans le rapport.']) D.push(await post(lou, plus('2025-05-01T08:00:00Z', D.length), t, reply(D[0], D.at(-1))))
  const solo = await post(lou, '2025-05-02T08:00:00Z', 'Post isolé qui sera supprimé : 5 litres d\'eau par requête ?!')
  marks.beforeDelete = await head(lou)
  await barrier('before delete')
  const carBeforeDelete = Buffer.from(await (await fetch(`${pdsUrl}/xrpc/com.atproto.sync.getRepo?did=${lou.did}`, { headers: { 'x-ratelimit-bypass': bypass ?? '' } })).arrayBuffer())
  const del = (c, p) => c.post('com.atproto.repo.deleteRecord', { repo: c.did, collection: 'app.bsky.feed.post', rkey: p.uri.split('/').pop() })
  await del(lou, D[2]); await del(lou, solo)
  marks.afterDelete = await head(lou)
  // an in-place edit of a post (the protocol allows it; the Bluesky app does not offer it)
  const edited = await lou.post('com.atproto.repo.putRecord', { repo: lou.did, collection: 'app.bsky.feed.post', rkey: english.uri.split('/').pop(), record: { ...english.record, text: 'Rebound effect: data centers could use 945 TWh of electricity by 2030 (IEA). [corrigé]' } })
  marks.afterEdit = await head(lou)
  const late = await post(lou, '2025-05-03T08:00:00Z', 'Nouveau post après les suppressions : 24/7, 1/3 de charge en moins.')
  marks.final = await head(lou)

  // --- accounts in odd states -----------------------------------------------------------
  const vide = await account('vide.test')
  const desa = await account('desactive.test'); await post(desa, '2025-01-01T10:00:00Z', 'bientôt désactivée'); await desa.post('com.atproto.server.deactivateAccount', {})
  const reti = await account('retire.test'); await post(reti, '2025-01-01T10:00:00Z', 'bientôt retirée')
  await admin.post('com.atproto.admin.updateSubjectStatus', { subject: { $type: 'com.atproto.admin.defs#repoRef', did: reti.did }, takedown: { applied: true, ref: 'devnet-1' } })
  const effa = await account('efface.test'); await post(effa, '2025-01-01T10:00:00Z', 'bientôt effacée'); await admin.post('com.atproto.admin.deleteAccount', { did: effa.did })
  const reno = await account('ancien.test'); await post(reno, '2025-01-01T10:00:00Z', 'avant changement de nom'); await reno.post('com.atproto.identity.updateHandle', { handle: 'nouveau' + tld }); reno.handle = 'nouveau' + tld
  // one post of theo's is taken down by the PDS admin (record level)
  const theoTaken = await post(theo, '2025-02-04T09:00:00Z', 'post retiré par la modération du PDS')
  await admin.post('com.atproto.admin.updateSubjectStatus', { subject: { $type: 'com.atproto.repo.strongRef', ...ref(theoTaken) }, takedown: { applied: true, ref: 'devnet-2' } })
  log(`small accounts seeded in ${Date.now() - T0} ms`)
  await barrier('small accounts')

  // --- load account ------------------------------------------------------------------------
  let load = null
  if (loadPosts > 0) load = await seedLoad({ account, theo, acc, loadPosts, log, barrier })

  const dids = Object.fromEntries(Object.values(acc).map((c) => [c.handle, c.did]))
  const u = (p) => p.uri
  return {
    handles: Object.keys(dids), dids, password: PASSWORD, marks, carBeforeDelete,
    uris: {
      threadA: A.map(u), threadA_branchQuete: [quete, rappel].map(u), threadA_late: cont.map(u), threadA_article: u(article), threadB: Bt.map(u), threadC: C.map(u),
      threadD_amputated: D.map(u), deleted: [D[2], solo].map(u), edited: { uri: edited.uri, oldCid: english.cid, newCid: edited.cid }, late: u(late),
      image: u(imagePost), imageOnly: u(imageOnly), quote: u(quotePost), selfQuote: u(selfQuote), recordWithMedia: u(rwm), labelled: u(labelled),
      replyByOther: u(theoReply), answerToOther: u(louAnswer), replyByBlocked: u(trollReply), zucman: u(zuc), scientifiques: u(sci), vision: u(vision), dfgPost: u(dfgPost), theoTakenDown: u(theoTaken), prudente: u(pr1),
    },
    blobs: { image: img.ref.$link, avatar: avatar.ref.$link, thumb: thumb.ref.$link },
    load, seedMs: Date.now() - T0,
  }
}

// ---- load: N posts, ~150 threads in many numbering styles, + decoys --------------------------
function rng(seed) { let s = seed >>> 0; return () => { s = (s + 0x6d2b79f5) >>> 0; let t = Math.imul(s ^ (s >>> 15), 1 | s); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296 } }
const STYLES = {
  'n/N': (i, n) => `${i}/${n} `, '(n/N)': (i, n) => `(${i}/${n}) `, '[n/N]': (i, n) => `[${i}/${n}] `, 'suffix n/N': (i, n) => [`` , ` ${i}/${n}`], 'suffix (n/N)': (i, n) => ['', ` (${i}/${n})`],
  'n/': (i) => `${i}/ `, 'n/🧵': (i, n) => i === 1 ? `🧵 ${i}/ ` : `${i}/ `, 'n.': (i) => `${i}. `, 'n)': (i) => `${i}) `, '0n/N': (i, n) => `${String(i).padStart(2, '0')}/${String(n).padStart(2, '0')} `,
  'n sur N': (i, n) => `${i} sur ${n} – `, 'n/N from 2': (i, n) => i === 1 ? '' : `${i}/${n} `, '0-based': (i, n) => `${i - 1}/${n - 1} `, 'n/x': (i) => `${i}/x `, 'last only': (i, n) => i === n ? `${i}/${n} ` : `${i}/ `,
  'keycap': (i) => i < 10 ? `${i}️⃣ ` : `${i} `, 'fullwidth': (i, n) => `${i}／${n} `, 'spaced n / N': (i, n) => `${i} / ${n} `, 'newline n/N': (i, n) => `${i}/${n}\n\n`, 'Thread n/N': (i, n) => `Thread ${i}/${n} : `, 'unnumbered': () => '', '👉': (i) => i === 1 ? '' : '👉 ', 'wrong total': (i, n) => `${i}/${n - 1} `, 'gap': (i, n) => `${i > 2 ? i + 1 : i}/${n + 1} `, 'Fil 🧵⬇️': (i, n) => i === 1 ? 'Fil 🧵⬇️ ' : `${i}. `,
}
const CLAIMS = ['L\'électricité des data centers atteindrait %d TWh en 2026 selon l\'AIE.', 'Un centre de données peut utiliser %d millions de litres d\'eau par an pour le refroidissement.', 'Il faut %d kg de cuivre et de cobalt par baie de serveurs.', 'L\'effet rebond annule %d %% des gains d\'efficacité.', 'Le tungstène et le tantale : %d mines sous tension.', 'La puissance installée passe à %d MW en Île-de-France.', 'Water use grew by %d%% in one year at Google.', 'Electricity demand of AI: %d TWh by 2030.', 'Rebound effects are estimated at %d percent.', 'Les émissions ont bondi de %d %% depuis 2019.', 'Les riverains s\'opposent au projet de %d hectares.', 'Rien à voir avec l\'IA : j\'ai couru %d km ce matin.']
const DECOYS = ['1/3 des ventes d\'Amazon viennent de la recommandation (%d).', 'Ouvert 24/7, %d jours par an.', 'Le 20/02 : vote crucial, %d signatures.', '50/50 pour %d raisons.', 'Article 15/16 de la loi, alinéa %d.', '2/3 des député·es absents, soit %d.', 'Rendez-vous le 8/4 à %d h.', '1. Premier point isolé, sans suite (%d).', 'Note : 4/5 pour ce livre (%d pages).', '3/3 orphelin, sans début (%d).', 'https://exemple.test/2025/04/%d un lien nu']
async function seedLoad({ account, theo, loadPosts, log, barrier }) {
  const t0 = Date.now()
  const c = await account('charge.test', { displayName: 'Compte de charge' })
  const R = rng(20250407)
  const nThreads = Math.min(150, Math.floor(loadPosts / 6))
  const names = Object.keys(STYLES)
  const threads = []
  let used = 0
  for (let k = 0; k < nThreads; k++) {
    const long = k % 25 === 0
    let n = long ? 25 + Math.floor(R() * 26) : 3 + Math.floor(R() * 10)
    if (used + n > loadPosts * 0.6) n = 3
    threads.push({ style: names[k % names.length], n, start: Date.parse('2023-08-01T00:00:00Z') + k * 3.9 * 86400e3 + Math.floor(R() * 80000e3), gap: k % 10 === 9 ? 3600e3 * 7 : 45e3, posts: [] })
    used += n
  }
  const say = () => CLAIMS[Math.floor(R() * CLAIMS.length)].replace('%d', 1 + Math.floor(R() * 999)).replace('%%', '%')
  let micro = 0
  let writes = 0, commits = 0
  async function apply(items) { // items: {at, text, reply?}
    const out = []
    for (let i = 0; i < items.length; i += 100) {
      const chunk = items.slice(i, i + 100)
      const r = await c.post('com.atproto.repo.applyWrites', { repo: c.did, writes: chunk.map((x) => ({ $type: 'com.atproto.repo.applyWrites#create', collection: 'app.bsky.feed.post', rkey: tid(x.at, ++micro % 1000, 3), value: { $type: 'app.bsky.feed.post', text: x.text, langs: ['fr'], createdAt: new Date(x.at).toISOString(), ...(x.reply ? { reply: x.reply } : {}) } })) })
      out.push(...r.results.map((y) => ({ uri: y.uri, cid: y.cid }))); writes += chunk.length; commits++
    }
    return out
  }
  const max = Math.max(...threads.map((t) => t.n))
  for (let d = 0; d < max; d++) {
    const live = threads.filter((t) => t.n > d)
    const items = live.map((t) => {
      const m = STYLES[t.style](d + 1, t.n)
      const [pre, suf] = Array.isArray(m) ? m : [m, '']
      const it = { at: t.start + d * t.gap, text: pre + say() + suf }
      if (d) it.reply = { root: t.posts[0], parent: t.posts[d - 1] }
      return it
    })
    const res = await apply(items)
    live.forEach((t, i) => t.posts.push(res[i]))
  }
  // replies by another account inside 20 of the threads, the author answering in half of them
  let others = 0, answers = []
  for (const [i, t] of threads.slice(0, 20).entries()) {
    const at = t.start + t.gap * t.n
    const rr = await theo.post('com.atproto.repo.createRecord', { repo: theo.did, collection: 'app.bsky.feed.post', rkey: tid(at, i, 9), record: { $type: 'app.bsky.feed.post', text: `Question sur le point ${i} ?`, langs: ['fr'], createdAt: new Date(at).toISOString(), reply: { root: t.posts[0], parent: t.posts[1] } } })
    others++
    if (i % 2 === 0) answers.push({ at: at + 60e3, text: `1/1 Réponse ${i}.`, reply: { root: t.posts[0], parent: { uri: rr.uri, cid: rr.cid } } })
  }
  await apply(answers)
  const rest = []
  while (writes + rest.length < loadPosts) {
    const decoy = R() < 0.15
    const txt = decoy ? DECOYS[Math.floor(R() * DECOYS.length)].replace('%d', 1 + Math.floor(R() * 99)) : say()
    rest.push({ at: Date.parse('2023-08-01T00:00:00Z') + Math.floor(R() * 600 * 86400e3), text: txt })
  }
  rest.sort((a, b) => a.at - b.at)
  await apply(rest)
  log(`load account: ${writes} posts in ${commits} commits, ${threads.length} threads, ${Date.now() - t0} ms`)
  await barrier('load')
  return { handle: c.handle, did: c.did, posts: writes, commits, threads: threads.map((t) => ({ style: t.style, n: t.n, root: t.posts[0].uri })), repliesByOthers: others, answersToOthers: answers.length, ms: Date.now() - t0 }
}
