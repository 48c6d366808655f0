BEGIN TRANSACTION;
CREATE TABLE bands(
            band INTEGER NOT NULL,
            row INTEGER NOT NULL,
            PRIMARY KEY(band, row)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE decisions(
            id INTEGER PRIMARY KEY,
            row INTEGER NOT NULL,
            at TEXT NOT NULL,
            who TEXT NOT NULL,
            verb TEXT NOT NULL,
            draft INTEGER,
            digest TEXT NOT NULL,
            reason TEXT NOT NULL,
            rule TEXT NOT NULL
        , batch INTEGER NOT NULL DEFAULT 0, undoes INTEGER NOT NULL DEFAULT 0, was_state TEXT NOT NULL DEFAULT '', was_kind TEXT NOT NULL DEFAULT '', was_reason TEXT NOT NULL DEFAULT '', was_approved TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '', was_draft INTEGER, left_draft INTEGER) STRICT;
INSERT INTO "decisions" VALUES(1,2,'2026-11-29T12:00:00.000+00:00','Ada','approve',2,'4cd5162fbd374cf9eb1dd0d54ac14ac0684ef2a06de3815ad23e7f7df9c330ef','','',0,0,'','','','','',NULL,NULL);
INSERT INTO "decisions" VALUES(2,2,'2026-11-29T12:00:00.000+00:00','Ada','edit',2,'4cd5162fbd374cf9eb1dd0d54ac14ac0684ef2a06de3815ad23e7f7df9c330ef','','',0,0,'','','','','',NULL,NULL);
INSERT INTO "decisions" VALUES(3,1,'2026-11-30T09:00:00.000+00:00','Ada','approve',1,'f6c47b015d988560c06fae57db36c962f6538ae46b32d345bdc957d94b4142ee','','',0,0,'generated','','','','approved',1,1);
INSERT INTO "decisions" VALUES(4,1,'2026-11-30T09:00:00.000+00:00','Ada','take back',1,'f6c47b015d988560c06fae57db36c962f6538ae46b32d345bdc957d94b4142ee','','',0,3,'approved','','','f6c47b015d988560c06fae57db36c962f6538ae46b32d345bdc957d94b4142ee','generated',1,1);
INSERT INTO "decisions" VALUES(5,2,'2026-11-30T09:00:00.000+00:00','Bob','ask again',3,'35fccb973852d756454905125b7f3739f29add124139da5a970d13371cafd6de','shorter','',0,0,'generated','','','4cd5162fbd374cf9eb1dd0d54ac14ac0684ef2a06de3815ad23e7f7df9c330ef','new',3,3);
INSERT INTO "decisions" VALUES(6,2,'2026-11-30T09:00:00.000+00:00','Bob','take back',3,'','','',0,5,'new','asked again','shorter','4cd5162fbd374cf9eb1dd0d54ac14ac0684ef2a06de3815ad23e7f7df9c330ef','generated',3,3);
CREATE TABLE drafts(
            id INTEGER PRIMARY KEY,
            row INTEGER NOT NULL,
            key TEXT NOT NULL,
            run INTEGER NOT NULL,
            made TEXT NOT NULL,
            seconds REAL NOT NULL,
            read_tokens INTEGER NOT NULL,
            written_tokens INTEGER NOT NULL,
            description TEXT NOT NULL
        ) STRICT;
INSERT INTO "drafts" VALUES(1,1,'1c7ba7409c005ecbb0e766b81dbb4fd0baa87122960b4eb0233a0b58e0b95ed9',1,'2026-11-29T12:00:00.000+00:00',0.5,0,105,'{"product_id":"p0","channel":"plain","language":"en","title":"Plain thing","category":"t-shirt","category_id":"","attributes":{"number":"0","colour":"black","pattern":"solid"},"bullets":[],"description":"","seo_title":"","seo_description":"","alt_texts":[],"tags":[],"custom":null,"evidence":{"category":[{"value":"t-shirt","source":"inferred","photo":null,"attribute":null,"name":"","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null}],"attributes":[{"value":"0","source":"attribute","photo":null,"attribute":"number","name":"number","kind":null,"status":"vouched","item":null,"start":null,"end":null,"confidence":null},{"value":"black","source":"inferred","photo":null,"attribute":null,"name":"colour","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null},{"value":"solid","source":"inferred","photo":null,"attribute":null,"name":"pattern","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null}],"title":[{"value":"Plain thing","source":"inferred","photo":null,"attribute":null,"name":"","kind":"sentence","status":"inferred","item":null,"start":0,"end":11,"confidence":null},{"value":"Plain","source":"inferred","photo":null,"attribute":null,"name":"","kind":"claim","status":"inferred","item":null,"start":0,"end":5,"confidence":null}]},"findings":[],"provenance":{"model":"counting","revision":"","weights_digest":"","templates":{"system":"92faaeceb794f06c41aadca27912393933373205e57eb29a473fea4e25f4d5de","observe":"b43b8f0dd2092b8da70676b0315e94a03cf5e1f40f62a38de61a4a358ab66dd0","write":"a5641ad1c3efacda71cb0c3568dc59f781be8691636ccee652d541ba5eb3ba04"},"schemas":{"observe":"2b83a0d353245d15727638aa1788429381bf4d93b97671bfc681dc6586e4ee26","write":"6b84d21c3fe34f81f5ac43444cd3c15b5da2c644fb0af2b5085c56f0228f5867"},"photos":[],"library":"0.1.0","settings":{"max_tokens":1024,"temperature":0.0,"top_p":1.0,"seed":0},"time":"2026-11-29T12:00:00Z"}}');
INSERT INTO "drafts" VALUES(2,2,'46afe1f617d7f513e7d7036b42e2a546b2073f3164eed66f3ce4fc72e9c8e2ca',1,'2026-11-29T12:00:00.000+00:00',0.5,0,105,'{"product_id":"p1","channel":"plain","language":"en","title":"Plain thing","category":"t-shirt","category_id":"","attributes":{"number":"1","colour":"black","pattern":"solid"},"bullets":[],"description":"","seo_title":"","seo_description":"","alt_texts":[],"tags":[],"custom":null,"evidence":{"category":[{"value":"t-shirt","source":"inferred","photo":null,"attribute":null,"name":"","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null}],"attributes":[{"value":"1","source":"attribute","photo":null,"attribute":"number","name":"number","kind":null,"status":"vouched","item":null,"start":null,"end":null,"confidence":null},{"value":"black","source":"inferred","photo":null,"attribute":null,"name":"colour","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null},{"value":"solid","source":"inferred","photo":null,"attribute":null,"name":"pattern","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null}],"title":[{"value":"Plain thing","source":"inferred","photo":null,"attribute":null,"name":"","kind":"sentence","status":"inferred","item":null,"start":0,"end":11,"confidence":null},{"value":"Plain","source":"inferred","photo":null,"attribute":null,"name":"","kind":"claim","status":"inferred","item":null,"start":0,"end":5,"confidence":null}]},"findings":[],"provenance":{"model":"counting","revision":"","weights_digest":"","templates":{"system":"92faaeceb794f06c41aadca27912393933373205e57eb29a473fea4e25f4d5de","observe":"b43b8f0dd2092b8da70676b0315e94a03cf5e1f40f62a38de61a4a358ab66dd0","write":"a5641ad1c3efacda71cb0c3568dc59f781be8691636ccee652d541ba5eb3ba04"},"schemas":{"observe":"2b83a0d353245d15727638aa1788429381bf4d93b97671bfc681dc6586e4ee26","write":"6b84d21c3fe34f81f5ac43444cd3c15b5da2c644fb0af2b5085c56f0228f5867"},"photos":[],"library":"0.1.0","settings":{"max_tokens":1024,"temperature":0.0,"top_p":1.0,"seed":0},"time":"2026-11-29T12:00:00Z"}}');
INSERT INTO "drafts" VALUES(3,2,'46afe1f617d7f513e7d7036b42e2a546b2073f3164eed66f3ce4fc72e9c8e2ca',1,'2026-11-29T12:00:00.000+00:00',0.0,0,0,'{"product_id":"p1","channel":"plain","language":"en","title":"A plain thing","category":"t-shirt","category_id":"","attributes":{"number":"1","colour":"black","pattern":"solid"},"bullets":[],"description":"","seo_title":"","seo_description":"","alt_texts":[],"tags":[],"custom":null,"evidence":{"category":[{"value":"t-shirt","source":"inferred","photo":null,"attribute":null,"name":"","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null}],"attributes":[{"value":"1","source":"attribute","photo":null,"attribute":"number","name":"number","kind":null,"status":"vouched","item":null,"start":null,"end":null,"confidence":null},{"value":"black","source":"inferred","photo":null,"attribute":null,"name":"colour","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null},{"value":"solid","source":"inferred","photo":null,"attribute":null,"name":"pattern","kind":null,"status":"inferred","item":null,"start":null,"end":null,"confidence":null}],"title":[{"value":"A plain thing","source":"person","photo":null,"attribute":null,"name":"","kind":"sentence","status":"vouched","item":null,"start":0,"end":13,"confidence":null},{"value":"plain","source":"person","photo":null,"attribute":null,"name":"","kind":"claim","status":"vouched","item":null,"start":2,"end":7,"confidence":null}]},"findings":[],"provenance":{"model":"counting","revision":"","weights_digest":"","templates":{"system":"92faaeceb794f06c41aadca27912393933373205e57eb29a473fea4e25f4d5de","observe":"b43b8f0dd2092b8da70676b0315e94a03cf5e1f40f62a38de61a4a358ab66dd0","write":"a5641ad1c3efacda71cb0c3568dc59f781be8691636ccee652d541ba5eb3ba04"},"schemas":{"observe":"2b83a0d353245d15727638aa1788429381bf4d93b97671bfc681dc6586e4ee26","write":"6b84d21c3fe34f81f5ac43444cd3c15b5da2c644fb0af2b5085c56f0228f5867"},"photos":[],"library":"0.1.0","settings":{"max_tokens":1024,"temperature":0.0,"top_p":1.0,"seed":0},"time":"2026-11-29T12:00:00Z","written_by":"model"}}');
CREATE TABLE facets(
            row INTEGER PRIMARY KEY,
            draft INTEGER NOT NULL,
            digest TEXT NOT NULL,
            confidence REAL,
            category TEXT NOT NULL,
            title INTEGER NOT NULL,
            bullets INTEGER NOT NULL,
            description INTEGER NOT NULL,
            seo_title INTEGER NOT NULL,
            seo_description INTEGER NOT NULL,
            alt_texts INTEGER NOT NULL,
            tags INTEGER NOT NULL
        , heading TEXT NOT NULL DEFAULT '', photo TEXT NOT NULL DEFAULT '', removed INTEGER NOT NULL DEFAULT 0, warnings INTEGER NOT NULL DEFAULT 0, findings INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "facets" VALUES(1,1,'f6c47b015d988560c06fae57db36c962f6538ae46b32d345bdc957d94b4142ee',NULL,'t-shirt',11,0,0,0,0,0,0,'Plain thing','',0,0,0);
INSERT INTO "facets" VALUES(2,3,'35fccb973852d756454905125b7f3739f29add124139da5a970d13371cafd6de',NULL,'t-shirt',13,0,0,0,0,0,0,'A plain thing','',0,0,0);
CREATE TABLE finding_codes(
            row INTEGER NOT NULL,
            code TEXT NOT NULL,
            PRIMARY KEY(row, code)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE leases(
            shop TEXT PRIMARY KEY,
            token INTEGER NOT NULL,
            holder TEXT NOT NULL,
            has_lock INTEGER NOT NULL,
            boot TEXT NOT NULL,
            beat REAL NOT NULL,
            seconds REAL NOT NULL
        ) STRICT, WITHOUT ROWID;
CREATE TABLE photos(
            place TEXT PRIMARY KEY,
            size INTEGER,
            modified INTEGER,
            sha256 TEXT NOT NULL DEFAULT '',
            etag TEXT NOT NULL DEFAULT '',
            last_modified TEXT NOT NULL DEFAULT '',
            version TEXT NOT NULL DEFAULT ''
        ) STRICT, WITHOUT ROWID;
INSERT INTO "photos" VALUES('file:/nowhere/a.jpg',NULL,NULL,'','','','');
CREATE TABLE rows(
            id INTEGER PRIMARY KEY,
            product_id TEXT NOT NULL,
            channel TEXT NOT NULL,
            language TEXT NOT NULL,
            state TEXT NOT NULL,
            product TEXT NOT NULL,
            product_digest TEXT NOT NULL,
            fields TEXT NOT NULL,
            key TEXT NOT NULL,
            draft INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0,
            kind TEXT NOT NULL DEFAULT '',
            reason TEXT NOT NULL DEFAULT '',
            run INTEGER NOT NULL,
            updated TEXT NOT NULL, approved_digest TEXT NOT NULL DEFAULT '', published_digest TEXT NOT NULL DEFAULT '', noted INTEGER, weight INTEGER NOT NULL DEFAULT 0, is_changed INTEGER NOT NULL DEFAULT 0, wish INTEGER NOT NULL DEFAULT 0,
            UNIQUE(product_id, channel, language)
        ) STRICT;
INSERT INTO "rows" VALUES(1,'p0','plain','en','generated','{"id":"p0","title":"Thing 0","description":"","attributes":{"number":"0"},"photos":[]}','b71696bddb0be01c5d58675e8f1273a1d057391dc3f39f28ecad8a5b5a900b9f','title','1c7ba7409c005ecbb0e766b81dbb4fd0baa87122960b4eb0233a0b58e0b95ed9',1,1,'','',1,'2026-11-30T09:00:00.000+00:00','','',1,50,0,0);
INSERT INTO "rows" VALUES(2,'p1','plain','en','generated','{"id":"p1","title":"Thing 1","description":"","attributes":{"number":"1"},"photos":[]}','8c93c3f74f64d4322ecd652766b97940bec7c42f454cd583bc36cdfc8b61fe6a','title','46afe1f617d7f513e7d7036b42e2a546b2073f3164eed66f3ce4fc72e9c8e2ca',3,1,'','',1,'2026-11-30T09:00:00.000+00:00','4cd5162fbd374cf9eb1dd0d54ac14ac0684ef2a06de3815ad23e7f7df9c330ef','',3,50,1,0);
INSERT INTO "rows" VALUES(3,'p2','plain','en','dead','{"id":"p2","title":"Thing 2","description":"","attributes":{"number":"2"},"photos":[{"file":"/nowhere/a.jpg"}]}','fb3ce0f5fc5c13d34fd5ed0eb31e34681ca9510d5cc9d16b0c1b45dd43e69040','title','91f86a6742c83108fd0f8d8427d94972139ef5845a77c31a397d29aaad8f5848',NULL,1,'PhotoError','PhotoError: /nowhere/a.jpg: no such file',1,'2026-11-29T12:00:00.000+00:00','','',NULL,0,0,0);
INSERT INTO "rows" VALUES(4,'p3','plain','en','unchanged','{"id":"p3","title":"Thing 3","description":"","attributes":{"number":"3"},"photos":[]}','aa08e4771a805ec1a6797d6d5b2649e74ae9406813b9ea3a1a9ba777af7f914d','','0e52f2d0dc55e18207f4bc83db9c1475a93756136b3a9692e01bf8dd8c30ab68',NULL,0,'','',1,'2026-11-29T12:00:00.000+00:00','','',NULL,0,0,0);
INSERT INTO "rows" VALUES(5,'p4','plain','en','new','{"id":"p4","title":"Thing 4","description":"","attributes":{"number":"4"},"photos":[]}','77c1f090abf235b8ff9019a82d86983bebd44ba5733f171be89d5c71f6030452','*','d51d14626091da8f9bbb449992d1f1827b2deb7e91b075a64c035cd6762372f5',NULL,0,'','',1,'2026-11-29T12:00:00.000+00:00','','',NULL,0,0,0);
CREATE TABLE runs(
            id INTEGER PRIMARY KEY,
            begun TEXT NOT NULL,
            last TEXT NOT NULL,
            library TEXT NOT NULL,
            channel TEXT NOT NULL,
            language TEXT NOT NULL,
            options_digest TEXT NOT NULL,
            options TEXT NOT NULL,
            note TEXT NOT NULL DEFAULT '{}',
            is_whole INTEGER NOT NULL DEFAULT 0,
            products_read INTEGER NOT NULL DEFAULT 0,
            repeated INTEGER NOT NULL DEFAULT 0,
            described INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            reused INTEGER NOT NULL DEFAULT 0,
            read_tokens INTEGER NOT NULL DEFAULT 0,
            written_tokens INTEGER NOT NULL DEFAULT 0
        ) STRICT;
INSERT INTO "runs" VALUES(1,'2026-11-29T12:00:00.000+00:00','2026-11-29T12:00:00.000+00:00','0.1.0','plain','en','dbe6d1f7dfe81f4d680ef55dee397697c9930b2fc3be96a7c170dbac35e4d10a','{"model": "ff14e9eb7adffc3e68c6362b942795c8b147ff45c6774ea2358125146d0477d3", "channel": "b4ebb73f47ef7760bf25dbaf3927f3f52fcbf15f0deb551f815a566dbf73d3ab", "fields": "db9f1b137477d57748bb50cdf8dc7cf933eeab597558e849728d77604a581d98", "language": "50eac10e7966a04e139902940a2a8e129a4597574c709cb8d01939ace56ff9c3", "schema": "95cb9b4f84ceff132cc7a875d8c192bf4997016a939ee64141c1fd628c0e8738", "template": "64998451c9437ed2f19f1d6447487e3607f98e992509f8169b68b124a8b7b808", "templates": "0ec89fd29fd952481a10257be42539b23889c48267ee6082376c2e2b4fda4963", "categories": "a031c15b2b946b75644d89c7e9e32c6461b6f71380ea0984fdfc010cb36c1a4b", "visible": "cd982c29740dae959575432ed4e3c9510648aec8f497bccc467d6721ae9d16aa", "taxonomy": "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", "settings": "22779784af8279d24776527e1bc986cdcaea8e30aa468a865aea35464cb36dcd", "policy": "0818ff86d7bb33f2e0891aa624b5af1ad47e740ca6bb8aecec004f6f60461de3", "words": "b4efa6e4ea1ec153cbb55be78fb9bd15aa8960b439773c2827b60523e0aec458", "output_version": "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35"}','{}',1,5,0,2,1,0,0,210);
CREATE TABLE seen(row INTEGER PRIMARY KEY) STRICT;
INSERT INTO "seen" VALUES(1);
INSERT INTO "seen" VALUES(2);
INSERT INTO "seen" VALUES(3);
INSERT INTO "seen" VALUES(4);
INSERT INTO "seen" VALUES(5);
CREATE TABLE signatures(
            row INTEGER PRIMARY KEY,
            draft INTEGER NOT NULL,
            minhash BLOB NOT NULL
        ) STRICT;
CREATE TABLE text_edits(
            decision INTEGER NOT NULL,
            field TEXT NOT NULL,
            item INTEGER NOT NULL,
            model TEXT NOT NULL,
            person TEXT NOT NULL,
            PRIMARY KEY(decision, field, item)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "text_edits" VALUES(2,'title',-1,'Plain thing','A plain thing');
CREATE TABLE twins(
            row INTEGER PRIMARY KEY,
            twin INTEGER NOT NULL,
            similarity REAL NOT NULL
        ) STRICT;
CREATE TABLE wishes(
            id INTEGER PRIMARY KEY, row INTEGER NOT NULL, decision INTEGER NOT NULL,
            fields TEXT NOT NULL, seed INTEGER NOT NULL, note TEXT NOT NULL,
            draft INTEGER NOT NULL, key TEXT NOT NULL, answer INTEGER
        ) STRICT;
INSERT INTO "wishes" VALUES(1,2,5,'title',1,'shorter',3,'46afe1f617d7f513e7d7036b42e2a546b2073f3164eed66f3ce4fc72e9c8e2ca',NULL);
CREATE TABLE write_edits(
            write INTEGER NOT NULL,
            number INTEGER NOT NULL,
            field TEXT NOT NULL,
            target TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            stored TEXT,
            undone INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY(write, number)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE writes(
            id INTEGER PRIMARY KEY,
            row INTEGER NOT NULL,
            shop TEXT NOT NULL,
            verb TEXT NOT NULL,
            token INTEGER NOT NULL,
            digest TEXT NOT NULL,
            at TEXT NOT NULL,
            boot TEXT NOT NULL,
            beat REAL NOT NULL,
            ended TEXT NOT NULL DEFAULT '',
            outcome TEXT NOT NULL DEFAULT ''
        ) STRICT;
CREATE INDEX rows_by_state ON rows(channel, language, state, id);
CREATE INDEX rows_by_run ON rows(run);
CREATE INDEX rows_by_kind ON rows(channel, language, state, kind)
            WHERE kind <> '';
CREATE INDEX drafts_by_key ON drafts(key);
CREATE INDEX twins_by_twin ON twins(twin);
CREATE INDEX finding_codes_by_code ON finding_codes(code, row);
CREATE INDEX decisions_by_row ON decisions(row, digest);
CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions
                BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_delete BEFORE DELETE ON decisions
                BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER text_edits_update BEFORE UPDATE ON text_edits
                BEGIN SELECT RAISE(ABORT, 'text_edits are never changed'); END;
CREATE TRIGGER text_edits_delete BEFORE DELETE ON text_edits
                BEGIN SELECT RAISE(ABORT, 'text_edits are never changed'); END;
CREATE INDEX writes_by_row ON writes(row);
CREATE INDEX writes_in_doubt ON writes(shop) WHERE ended = '';
CREATE INDEX write_edits_by_target ON write_edits(field, target);
CREATE INDEX write_edits_undone ON write_edits(undone) WHERE undone <> 0;
CREATE INDEX rows_without_facets ON rows(id) WHERE draft IS NOT noted;
CREATE INDEX rows_in_queue ON rows(channel, language, state, is_changed,
               weight DESC, id, draft, kind, product_id);
CREATE INDEX decisions_by_batch ON decisions(batch) WHERE batch <> 0;
CREATE INDEX decisions_undone ON decisions(undoes) WHERE undoes <> 0;
CREATE INDEX wishes_by_row ON wishes(row);
COMMIT;
PRAGMA application_id = 1885620844;
PRAGMA user_version = 3;
