// The service worker: keeps texts in force that this person has opened, and shows them when there is no network.
// Nothing is kept that the server did not mark (X-Keep-Offline), and nothing that another person has read (X-Reader).

const ASSETS = "sopdesk-assets";
const PAGES = "sopdesk-pages";
const WHO = "sopdesk-who";
const OFFLINE = "/offline/";
const READER_PAGE = /^\/procedures\/[A-Z0-9-]+\/$/;
const PICTURE = /^\/procedures\/[A-Z0-9-]+\/\d+\/(files|diagrams)\//;
const MOST = { [PAGES]: 400, [ASSETS]: 400 };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method !== "GET") {
    if (pathname === "/accounts/logout/") event.waitUntil(forget());
    else if (request.mode === "navigate") event.respondWith(send(request));
    return;
  }
  if (request.mode === "navigate") event.respondWith(navigate(event));
  else if (pathname.startsWith("/static/")) event.respondWith(orKept(request, ASSETS));
  else if (PICTURE.test(pathname)) event.respondWith(orKept(request, PAGES));
});

// A page that was open before this worker asks for itself to be kept, with its styles and scripts.
self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keepAfterwards(event.data));
});

async function navigate(event) {
  const address = bare(event.request.url);
  try {
    const response = await fetch(event.request);
    event.waitUntil(learn(address, response.clone()).catch(() => {})); // a full disk must not hide the page
    return response;
  } catch {
    return (await kept(address)) ?? (await offlinePage(event.request.url));
  }
}

// A form: what the server answers, or the page that says that it was not reached and leads back to the form.
async function send(request) {
  try {
    return await fetch(request);
  } catch {
    return offlinePage(request.referrer || request.url, true);
  }
}

async function learn(address, response) {
  const reader = response.headers.get("X-Reader");
  if (reader) await recognise(reader);
  if (!READER_PAGE.test(new URL(address).pathname) || response.type === "opaqueredirect") return;
  if (response.status >= 500) return; // says nothing about the text
  const pages = await caches.open(PAGES);
  if (response.status !== 200 || !response.headers.get("X-Keep-Offline")) await pages.delete(address);
  else await keep(pages, address, response);
}

async function recognise(reader) {
  const who = await caches.open(WHO);
  const before = await (await who.match("/reader"))?.text();
  if (before === reader) return;
  await caches.delete(PAGES);
  await who.put("/reader", new Response(reader));
  const offline = await fetch(OFFLINE); // in the language of this person
  await (await caches.open(ASSETS)).put(OFFLINE, offline.clone()); // stays when they sign out: it holds no text
  await who.put(OFFLINE, offline);
}

async function keep(pages, address, response) {
  const html = await response.text();
  const headers = { ...headersOf(response), "X-Kept-At": new Date().toISOString() };
  await pages.delete(address); // to the end of the list, the latest last
  await pages.put(address, new Response(html, { headers }));
  const named = [...html.matchAll(/(?:src|href)="(\/[^"#]+)/g)].map((match) => match[1]);
  await Promise.allSettled(named.filter((path) => PICTURE.test(path)).map((path) => pages.add(path)));
  await keepAssets(named.filter((path) => path.startsWith("/static/")));
  await prune(PAGES);
}

async function keepAfterwards({ address, assets }) {
  await keepAssets(assets.filter((path) => path.startsWith("/static/")));
  await learn(bare(new URL(address, self.location.origin)), await fetch(address));
}

async function keepAssets(paths) {
  const cache = await caches.open(ASSETS);
  const missing = await Promise.all(paths.map(async (path) => ((await cache.match(path)) ? "" : path)));
  await Promise.allSettled(missing.filter(Boolean).map((path) => cache.add(path)));
  await prune(ASSETS);
}

async function orKept(request, name) {
  try {
    return await fetch(request);
  } catch {
    return (await (await caches.open(name)).match(request.url)) ?? Response.error();
  }
}

async function prune(name) {
  const cache = await caches.open(name);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(keys.length - MOST[name], 0)).map((key) => cache.delete(key)));
}

async function forget() {
  await Promise.all([caches.delete(PAGES), caches.delete(WHO)]);
}

// Without a network -------------------------------------------------------------------------------------------

async function kept(address) {
  const found = await (await caches.open(PAGES)).match(address);
  if (!found) return null;
  const html = await found.text();
  const when = said(found.headers.get("X-Kept-At"), html);
  return page(html.replace("data-offline-note hidden", "data-offline-note").replace("[[kept]]", when), found);
}

async function offlinePage(asked, isForm = false) {
  const found = (await (await caches.open(WHO)).match(OFFLINE)) ?? (await (await caches.open(ASSETS)).match(OFFLINE));
  if (!found) return Response.error();
  const { pathname, search } = new URL(asked);
  const again = (pathname === OFFLINE ? "/" : pathname + search).replaceAll("&", "&amp;");
  const plain = (await found.text()).replace('href="/" data-again', () => `href="${again}"`);
  const html = isForm ? plain.replace("data-sent hidden", "data-sent") : plain;
  const items = await Promise.all((await listed()).map((one) => item(...one, html)));
  if (!items.length) return page(html, found);
  const list = `<ul class="rows">${items.reverse().join("")}</ul>`;
  const filled = html.replace("<!--kept-->", () => list).replace("data-none", "hidden");
  return page(filled.replace("data-some hidden", "data-some"), found);
}

async function item(path, response, html) {
  const title = /<title>([^<]*?)(?: – sopdesk)?<\/title>/.exec(await response.text())?.[1] ?? path; // stays escaped
  const when = said(response.headers.get("X-Kept-At"), html);
  return `<li class="row"><div><h3><a href="${path}">${title}</a></h3><p class="meta">${when}</p></div></li>`;
}

async function listed() {
  const pages = await caches.open(PAGES);
  const paths = (await pages.keys()).map((key) => new URL(key.url).pathname).filter((path) => READER_PAGE.test(path));
  return Promise.all(paths.map(async (path) => [path, await pages.match(path)]));
}

function page(html, from) {
  return new Response(html, { headers: headersOf(from) });
}

function headersOf(response) {
  const policy = response.headers.get("Content-Security-Policy") ?? "default-src 'none'";
  return { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
}

function said(moment, html) {
  const language = /<html lang="([\w-]+)"/.exec(html)?.[1].replace(/^en$/, "en-GB");
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}

function bare(url) {
  const address = new URL(url);
  return address.origin + address.pathname;
}
