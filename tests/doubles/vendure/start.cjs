// A real Vendure on loopback, tables in memory, with a witness of every change to a product.
//
//   node start.cjs FOLDER WITNESS PRODUCTS
//
// FOLDER holds node_modules (see vendure_real.py). Prints one line of JSON when it is ready,
// and listens until it is stopped. WITNESS gets a line of JSON for each change.
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

const [folder, witness, count] = process.argv.slice(2);
process.env.VENDURE_DISABLE_TELEMETRY = 'true'; // loopback only
const here = createRequire(path.join(path.resolve(folder), 'index.js'));
const core = here('@vendure/core');
const { populateInitialData } = here('@vendure/core/cli');
const { TestingAssetPreviewStrategy } = here('@vendure/testing/lib/config/testing-asset-preview-strategy');

const PASSWORD = process.env.VENDURE_PASSWORD;
const EDITOR = 'editor@shop.example';
const LANGUAGES = ['en', 'de'];
const PHOTOS = JSON.parse(process.env.VENDURE_PHOTOS || '[]'); // files that it serves

// --- The witness -------------------------------------------------------------------------

// Runs within the transaction of a change, so what it reads is what that change made of it.
class WitnessPlugin {
  constructor(eventBus, connection) {
    this.eventBus = eventBus;
    this.connection = connection;
    this.known = new Map();
  }

  onApplicationBootstrap() {
    this.eventBus.registerBlockingEventHandler({
      event: core.ProductEvent,
      id: 'witness',
      handler: (event) => this.note(event),
    });
  }

  async note(event) {
    const id = String(event.entity.id);
    const texts = await this.texts(event.ctx, id);
    const before = this.known.get(id) || {};
    this.known.set(id, texts);
    if (event.type !== 'updated') return;
    const line = {
      at: Date.now() / 1000,
      id,
      user: String(event.ctx.activeUserId ?? ''),
      before,
      after: texts,
      changed: JSON.stringify(before) !== JSON.stringify(texts),
    };
    fs.appendFileSync(witness, JSON.stringify(line) + '\n');
  }

  async texts(ctx, id) {
    const rows = await this.connection
      .getRepository(ctx, core.ProductTranslation)
      .find({ where: { base: { id } }, order: { languageCode: 'ASC' } });
    const own = ({ name, slug, description, customFields }) => ({
      name, slug, description, ...customFields,
    });
    return Object.fromEntries(rows.map((row) => [row.languageCode, own(row)]));
  }
}
Reflect.defineMetadata(
  'design:paramtypes', [core.EventBus, core.TransactionalConnection], WitnessPlugin,
);
core.VendurePlugin({ imports: [core.PluginCommonModule] })(WitnessPlugin);

// --- Photos on the shop's own host -------------------------------------------------------

let port = 0;

class Photos {
  constructor() {
    this.files = new Map();
  }
  async writeFileFromBuffer(name, data) {
    this.files.set(name, data);
    return name;
  }
  async writeFileFromStream(name, stream) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    return this.writeFileFromBuffer(name, Buffer.concat(parts));
  }
  async readFileToBuffer(name) {
    return this.files.get(name);
  }
  async readFileToStream(name) {
    return require('node:stream').Readable.from([this.files.get(name)]);
  }
  async fileExists(name) {
    return this.files.has(name);
  }
  async deleteFile(name) {
    this.files.delete(name);
  }
  toAbsoluteUrl(request, name) {
    return `http://127.0.0.1:${port}/photos/${name}`;
  }
  serve(request, response) {
    const data = photos.files.get(decodeURIComponent(request.path.slice(1)));
    if (!data) return response.status(404).end();
    return response.type('image/jpeg').send(data);
  }
}
const photos = new Photos();

const config = core.mergeConfig(core.defaultConfig, {
  apiOptions: {
    hostname: '127.0.0.1',
    port: 0,
    middleware: [{ route: 'photos', handler: photos.serve }],
  },
  authOptions: {
    tokenMethod: ['bearer', 'api-key'],
    superadminCredentials: { identifier: 'superadmin', password: PASSWORD },
  },
  dbConnectionOptions: {
    type: 'sqljs',
    database: new Uint8Array([]),
    location: '',
    autoSave: false,
    synchronize: true,
    logging: false,
  },
  customFields: {
    Product: [
      { name: 'seoTitle', type: 'localeString' },
      { name: 'seoDescription', type: 'localeText' },
      { name: 'warehouseNote', type: 'string' },
    ],
  },
  assetOptions: {
    assetStorageStrategy: photos,
    assetPreviewStrategy: new TestingAssetPreviewStrategy(),
  },
  paymentOptions: { paymentMethodHandlers: [] },
  logger: process.env.LOG ? new core.DefaultLogger() : new core.NoopLogger(),
  plugins: [WitnessPlugin],
});

const BASICS = {
  defaultLanguage: 'en',
  defaultZone: 'Europe',
  countries: [{ name: 'Austria', code: 'AT', zone: 'Europe' }],
  taxRates: [{ name: 'Standard Tax', percentage: 20 }],
  shippingMethods: [],
  paymentMethods: [],
  collections: [],
};

// --- What is in the shop -----------------------------------------------------------------

async function fill(app) {
  await populateInitialData(app, BASICS);
  const get = (type) => app.get(type);
  const admin = await get(core.TransactionalConnection).rawConnection
    .getRepository(core.User).findOneOrFail({
      where: { identifier: 'superadmin' }, relations: { roles: { channels: true } },
    });
  const context = await get(core.RequestContextService)
    .create({ apiType: 'admin', user: admin });
  await get(core.GlobalSettingsService)
    .updateSettings(context, { availableLanguages: LANGUAGES });
  const channel = await get(core.ChannelService).getDefaultChannel(context);
  await get(core.ChannelService)
    .update(context, { id: channel.id, availableLanguageCodes: LANGUAGES });
  const ctx = await get(core.RequestContextService)
    .create({ apiType: 'admin', user: admin });

  const role = await get(core.RoleService).getSuperAdminRole(ctx);
  await get(core.AdministratorService).create(ctx, {
    emailAddress: EDITOR, firstName: 'E', lastName: 'D', password: PASSWORD,
    roleIds: [role.id],
  });

  const both = (en, de) => [
    { languageCode: 'en', name: en }, { languageCode: 'de', name: de },
  ];
  const facet = await get(core.FacetService)
    .create(ctx, { code: 'material', isPrivate: false, translations: both('Material', 'Material') });
  const material = await get(core.FacetValueService).create(ctx, facet, {
    facetId: facet.id, code: 'canvas', translations: both('Canvas', 'Leinen'),
  });
  const assets = [];
  for (const file of PHOTOS) {
    const made = await get(core.AssetService)
      .createFromFileStream(fs.createReadStream(file), file, ctx);
    if (made.id === undefined) throw new Error(JSON.stringify(made));
    assets.push(made.id);
  }
  const products = get(core.ProductService);
  for (let n = 1; n <= Number(count); n++) {
    const own = n % 10 === 0; // the merchant has described every tenth
    const product = await products.create(ctx, {
      enabled: true,
      facetValueIds: [material.id],
      featuredAssetId: assets.length ? assets[n % assets.length] : undefined,
      assetIds: assets.length ? [assets[n % assets.length]] : undefined,
      translations: [
        { languageCode: 'en', name: `Trail shoe ${n}`, slug: `trail-shoe-${n}`,
          description: own ? `<p>The merchant's <b>own</b> words, ${n}.</p>\n` : '' },
        { languageCode: 'de', name: `Trailschuh ${n}`, slug: `trailschuh-${n}`,
          description: `<p>Deutscher Text &amp; mehr ${n}.</p>` },
      ].slice(0, n === Number(count) ? 1 : 2), // the last one is in English only
    });
    if (n % 25 === 0) await sizes(get, ctx, product);
  }
}

async function sizes(get, ctx, product) {
  const group = await get(core.ProductOptionGroupService).create(ctx, {
    code: `size-${product.id}`,
    translations: [{ languageCode: 'en', name: 'Size' }, { languageCode: 'de', name: 'Größe' }],
  });
  const options = [];
  for (const size of ['40', '41', '42']) {
    options.push(await get(core.ProductOptionService).create(ctx, group, {
      code: `${product.id}-${size}`, productOptionGroupId: group.id,
      translations: [{ languageCode: 'en', name: size }, { languageCode: 'de', name: size }],
    }));
  }
  await get(core.ProductService).addOptionGroupToProduct(ctx, product.id, group.id);
  await get(core.ProductVariantService).create(ctx, options.slice(0, 2).map((option, n) => ({
    productId: product.id, sku: `S-${product.id}-${n}`, price: 5000, optionIds: [option.id],
    translations: [{ languageCode: 'en', name: `Shoe ${n}` }],
  })));
}

async function main() {
  const app = await core.bootstrap(config);
  port = app.getHttpServer().address().port;
  await fill(app);
  const ready = { port, pid: process.pid, editor: EDITOR };
  process.stdout.write(JSON.stringify(ready) + '\n');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
