"""Claim lexicon: the words of each kind of claim, per language.

Phrases are separated by commas. A final `*` stands for any ending; a leading `=` keeps the
case ("=CE"). English is looked for in every language, since shops mix it in
(but not its short words, which mean other things elsewhere: "man", "fur").
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LEXICON", "NOT_CLAIMS"]

# fmt: off
LEXICON: Mapping[str, Mapping[str, str]] = {
    "weight": {
        "en": "lightweight, light-weight, ultralight, featherlight, feather-light,"
              " heavyweight, heavy-weight, weightless",
        "de": "leichtgewicht*, federleicht*, ultraleicht*",
        "fr": "poids plume, ultraléger*, ultra-léger*",
        "es": "ultraligero*, peso pluma",
    },
    "size": {
        "en": "true to size, one size fits all, one size, plus size, plus-size, king size,"
              " king-size, queen size, full size, full-size, life-size, life size,"
              " extra large, extra small, extra long",
        "de": "einheitsgröße, übergröße*",
        "fr": "taille unique, grande taille",
        "es": "talla única, talla grande",
    },
    "material": {
        "en": "cotton, organic cotton, pima cotton, wool, merino, merino wool, lambswool,"
              " cashmere, mohair, alpaca, angora, silk, linen, flax, hemp, jute, ramie,"
              " bamboo, viscose, rayon, modal, lyocell, tencel, polyester, polyamide,"
              " nylon,"
              " elastane, spandex, lycra, acrylic, polyurethane, polypropylene,"
              " polyethylene,"
              " polycarbonate, pvc, vinyl, silicone, latex, neoprene, gore-tex, goretex,"
              " kevlar, cordura, microfibre, leather, genuine leather, real leather, faux"
              " leather, vegan leather, imitation leather, full-grain leather, top-grain"
              " leather, patent leather, nappa, nubuck, suede, calfskin, cowhide,"
              " sheepskin,"
              " shearling, lambskin, fur, faux fur, down jacket, down coat, down-filled,"
              " down fill,"
              " down filling, filled with down, goose down, duck down, feather-filled,"
              " memory foam, solid gold, gold-plated, gold plated, sterling silver,"
              " silver-plated, 925 silver, platinum, titanium, stainless steel, carbon"
              " fibre,"
              " aluminium, brass, bronze, pewter, diamond, emerald stone, sapphire crystal,"
              " real pearl, solid wood, solid oak, oak, teak, walnut wood, mahogany, pine"
              " wood, beech, rattan, bone china, porcelain, marble, granite, crystal",
        "de": "baumwoll*, schurwoll*, wolle, merinowoll*, kaschmir*, seide, leinen, hanf,"
              " viskose, polyester*, polyamid*, elasthan*, leder, echtleder, kunstleder,"
              " wildleder, veloursleder, daunen*, edelstahl*, massivholz*, eiche, buche,"
              " sterlingsilber, vergoldet*, versilbert*, bambus*, aus wolle, reine wolle",
        "fr": "coton, laine, laine mérinos, cachemire, soie, lin, chanvre, viscose,"
              " polyester, polyamide, élasthanne, cuir, simili cuir, similicuir, daim,"
              " duvet,"
              " acier inoxydable, argent massif, plaqué or, bambou, chêne massif",
        "es": "algodón, lana, lana merina, cachemira, seda, lino, cáñamo, viscosa,"
              " poliéster,"
              " poliamida, elastano, cuero, piel sintética, polipiel, plumón, acero"
              " inoxidable, plata de ley, bañado en oro, bambú, madera maciza",
    },
    "texture": {
        "en": "denim, knit, knitted, ribbed, fleece, velvet, corduroy, lacy, lace trim,"
              " lace detail, canvas, mesh,"
              " satin, terry, tweed, flannel, chiffon, tulle, quilted, padded, woven,"
              " glass,"
              " ceramic, metal, metallic, plastic, rubber, wood, wicker, steel, iron,"
              " copper,"
              " paper, cardboard",
        "de": "strick*, samt, cord, spitze, glas, keramik, metall*, kunststoff, gummi,"
              " holz",
        "fr": "jean, maille, velours, dentelle, verre, céramique, métal, plastique, bois",
        "es": "vaquero, punto, terciopelo, encaje, vidrio, cerámica, metal, plástico,"
              " madera",
    },
    "brand": {  # names that are no ordinary word; any other name is found by its capital
        "en": "nike, adidas, puma, reebok, asics, new balance, under armour, lululemon,"
              " skechers, birkenstock, crocs, dr martens, doc martens, timberland,"
              " converse,"
              " gucci, prada, chanel, louis vuitton, hermes, dior, balenciaga, burberry,"
              " versace, armani, dolce & gabbana, moncler, fendi, valentino, givenchy,"
              " ralph lauren, tommy hilfiger, calvin klein, hugo boss, lacoste, levi's,"
              " levis, wrangler, h&m, zara, uniqlo, primark, asos, shein, north face,"
              " patagonia jacket, columbia sportswear, arcteryx, arc'teryx, carhartt,"
              " michael"
              " kors, rolex, omega seamaster, casio, seiko, swatch, swarovski, tiffany &"
              " co,"
              " pandora charm, ray-ban, rayban, oakley, ikea, tupperware, le creuset,"
              " kitchenaid,"
              " dyson, philips, siemens, bosch, miele, samsung, sony, panasonic, lg,"
              " huawei,"
              " xiaomi, lenovo, dell, asus, acer, hewlett packard, microsoft, iphone, ipad,"
              " macbook, playstation, xbox, nintendo, canon eos, nikon, fujifilm, leica,"
              " gopro, bose, sennheiser, jbl, beats by dre, garmin, fitbit, lego,"
              " playmobil,"
              " mattel, barbie, disney, marvel, pokemon, star wars, harley-davidson, bmw,"
              " mercedes-benz, ferrari, volkswagen, toyota, michelin, coca-cola, coca cola,"
              " pepsi, nestle, danone, activia, oatly, alpro, arla, valio, chobani,"
              " kellogg's,"
              " heinz, tropicana, innocent smoothie, chiquita, dole, zespri, pink lady,"
              " nivea, l'oreal, loreal, maybelline, garnier, dove soap, lancome, estee"
              " lauder",
    },
    "origin": {
        "en": "imported, locally made, locally grown, locally sourced, domestic, handmade,"
              " hand-made, hand made, handcrafted, hand-crafted, hand crafted,"
              " hand-stitched,"
              " handwoven, hand-woven, homegrown, farm fresh, farm-fresh, artisan-made",
        "de": "handgemacht*, handgefertigt*, handarbeit, importiert*, aus der region,"
              " regional*, in handarbeit",
        "fr": "fait main, fait à la main, importé*, artisanal*, produit local",
        "es": "hecho a mano, hecha a mano, importado*, artesanal*, de origen local",
    },
    "certification": {
        "en": "certified, certification, approved, patented, patent pending, accredited,"
              " compliant, lab tested, lab-tested, laboratory tested, independently tested,"
              " dermatologically tested, quality tested, officially licensed, licensed,"
              " oeko-tex, oekotex, gots, fsc, fda, rohs, energy star, fairtrade, fair"
              " trade,"
              " fair-trade, rainforest alliance, woolmark, bluesign, ecolabel, blue angel,"
              " leaping bunny, cradle to cradle, utz, msc, iso 9001, iso certified, astm,"
              " ul listed, ce marked, ce mark, ce-marked, usda, halal, kosher, peta, bci,"
              " =CE, =UL, =TÜV, =REACH",
        "de": "zertifiziert*, zertifikat*, geprüft*, patentiert*, zugelassen*, gütesiegel,"
              " tüv, blauer engel, =GS, stiftung warentest",
        "fr": "certifié*, homologué*, breveté*, agréé*, label rouge, norme nf",
        "es": "certificado*, certificada*, homologado*, patentado*, aprobado*",
    },
    "safety": {
        "en": "safe, safely, food-safe, food safe, food grade, food-grade, child-safe,"
              " child safe, non-toxic, nontoxic, toxin-free, chemical-free, bpa-free, bpa"
              " free, lead-free, phthalate-free, pvc-free, flame-retardant, flame"
              " retardant,"
              " flame-resistant, fire-resistant, fireproof, heat-resistant, shatterproof,"
              " slip-resistant, non-slip, anti-slip, shock-resistant, shockproof,"
              " uv protection, uv-resistant, spf, toxic",
        "de": "ungiftig*, schadstofffrei*, bpa-frei*, lebensmittelecht*, kindersicher*,"
              " feuerfest*, rutschfest*, sicher*, uv-schutz",
        "fr": "non toxique*, sans bpa, ignifuge*, antidérapant*, sans danger",
        "es": "no tóxico*, sin bpa, ignífugo*, antideslizante*, seguro para",
    },
    "environment": {
        "en": "eco-friendly, eco friendly, ecofriendly, eco-conscious, ecological, eco,"
              " environmentally friendly, environmentally-friendly, environment-friendly,"
              " earth-friendly, planet-friendly, climate-friendly, climate neutral,"
              " climate-neutral, carbon neutral, carbon-neutral, carbon footprint, net"
              " zero,"
              " co2 neutral, low carbon, low-impact, sustainable, sustainability, green"
              " choice,"
              " green product, greener, biodegradable, compostable, bio-based, biobased,"
              " plant-based, recyclable, recycled, upcycled, renewable, reusable, zero"
              " waste,"
              " zero-waste, plastic-free, ethically made, ethically sourced, ethical,"
              " responsibly sourced, responsibly made, conscious, energy-efficient, energy"
              " efficient, cruelty-free, cruelty free, ozone friendly",
        "de": "umweltfreundlich*, nachhaltig*, klimaneutral*, klimafreundlich*,"
              " ökologisch*,"
              " biologisch abbaubar*, kompostierbar*, recycelt*, recycelbar*,"
              " wiederverwendbar*, ressourcenschonend*, umweltschonend*, co2-neutral*",
        "fr": "écologique*, éco-responsable*, écoresponsable*, durablement produit,"
              " respectueux"
              " de l'environnement, biodégradable*, compostable*, recyclé*, recyclable*,"
              " neutre en carbone, éthique",
        "es": "ecológico*, ecológica*, sostenible*, respetuoso con el medio ambiente,"
              " biodegradable*, compostable*, reciclado*, reciclada*, reciclable*,"
              " neutro en carbono",
    },
    "organic": {
        "en": "organic, all-natural, all natural, 100% natural, gmo-free, non-gmo,"
              " pesticide-free",
        "de": "bio, bio-*, aus kontrolliert biologischem anbau, gentechnikfrei*",
        "fr": "bio, biologique*, issu de l'agriculture biologique, sans ogm",
        "es": "orgánico*, orgánica*, biológico*, sin transgénicos",
    },
    "health": {
        "en": "hypoallergenic, hypo-allergenic, allergy-free, allergen-free, antibacterial,"
              " anti-bacterial, antimicrobial, anti-microbial, orthopaedic, orthopedic,"
              " ergonomic, medical, medical-grade, clinically proven, clinically tested,"
              " therapeutic, healing, healthy, healthier, nutritious, superfood,"
              " antioxidant,"
              " immune, immunity, detox, pain relief, relieves, cures,"
              " anti-ageing,"
              " anti-aging, vitamin, vitamin a, vitamin b, vitamin c, vitamin d,"
              " vitamin e, vitamin k, vitamin b12, rich in, high in, source of, low-fat,"
              " low fat,"
              " fat-free,"
              " fat free, sugar-free, sugar free, no added sugar, gluten-free, gluten free,"
              " lactose-free, lactose free, dairy-free, nut-free, low-calorie, low calorie,"
              " calorie, probiotic, vegan, vegetarian, posture, circulation",
        "de": "hypoallergen*, antibakteriell*, orthopädisch*, ergonomisch*, medizinisch*,"
              " gesund*, heilt, lindert, vitamin*, glutenfrei*, laktosefrei*, zuckerfrei*,"
              " fettarm*, vegan*",
        "fr": "hypoallergénique*, antibactérien*, orthopédique*, ergonomique*, médical*,"
              " sain, saine, guérit, soulage, vitamine, sans gluten, sans lactose, sans"
              " sucre,"
              " végan*",
        "es": "hipoalergénico*, hipoalergénica*, antibacteriano*, ortopédico*, ergonómico*,"
              " saludable*, cura, alivia, vitamina*, sin gluten, sin lactosa, sin azúcar,"
              " vegano*",
    },
    "performance": {
        "en": "waterproof, water-proof, water-resistant, water resistant, water-repellent,"
              " water repellent, weatherproof, weather-resistant, windproof,"
              " wind-resistant,"
              " rainproof, breathable, moisture-wicking, moisture wicking, quick-drying,"
              " quick-dry, quick dry, odour-resistant, odor-resistant, anti-odour,"
              " stain-resistant,"
              " stain resistant, stain-proof, wrinkle-free, wrinkle-resistant, non-iron,"
              " scratch-resistant, scratchproof, rustproof, rust-resistant, dustproof,"
              " insulated, thermal, machine-washable, machine washable, machine wash, hand"
              " wash,"
              " dishwasher-safe, dishwasher safe, microwave-safe, microwave safe,"
              " oven-safe,"
              " oven safe, freezer-safe, colourfast, pre-shrunk, preshrunk, rechargeable,"
              " wireless, bluetooth, wi-fi, wifi, noise-cancelling, noise cancelling",
        "de": "wasserdicht*, wasserabweisend*, wasserfest*, winddicht*, atmungsaktiv*,"
              " schnelltrocknend*, knitterfrei*, bügelfrei*, kratzfest*,"
              " maschinenwaschbar*,"
              " spülmaschinenfest*, spülmaschinengeeignet*, mikrowellengeeignet*,"
              " isoliert*",
        "fr": "imperméable*, étanche*, déperlant*, coupe-vent, respirant*, séchage rapide,"
              " infroissable*, lavable en machine, passe au lave-vaisselle",
        "es": "impermeable*, resistente al agua, cortavientos, transpirable*, secado"
              " rápido,"
              " lavable a máquina, apto para lavavajillas, apta para lavavajillas",
    },
    "durability": {
        "en": "durable, long-lasting, long lasting, hard-wearing, hardwearing, sturdy,"
              " robust,"
              " indestructible, built to last, tough",
        "de": "langlebig*, strapazierfähig*, robust*, haltbar*",
        "fr": "durable*, robuste*, résistant*",
        "es": "duradero*, duradera*, resistente*, robusto*",
    },
    "guarantee": {
        "en": "guarantee, guaranteed, warranty, money-back, money back, risk-free, risk"
              " free,"
              " lifetime, returns policy, free returns, satisfaction",
        "de": "garantie*, gewährleistung, geld-zurück*, rückgaberecht",
        "fr": "garantie, garanti, satisfait ou remboursé",
        "es": "garantía, garantizado*, devolución gratuita",
    },
    "superlative": {
        "en": "best, finest, greatest, cheapest, softest, warmest, strongest, lightest,"
              " toughest, fastest, safest, freshest, tastiest, healthiest, world's most,"
              " the most, number one, number 1, no 1, #1, top-rated, top rated,"
              " top-selling,"
              " bestselling, best-selling, bestseller, best seller, award-winning, award"
              " winning, unbeatable, unrivalled, unrivaled, unmatched, unsurpassed,"
              " unparalleled, world-class, world class, world-famous, world-leading,"
              " market-leading, industry-leading, leading brand, highest quality, top"
              " quality,"
              " superior, ultimate, unique, exclusive, lowest price",
        "de": "der beste, die beste, das beste, beste*, bester, nummer eins, testsieger,"
              " preisgekrönt*, unschlagbar*, unübertroffen*, weltklasse, marktführend*,"
              " einzigartig*, meistverkauft*, exklusiv*",
        "fr": "le meilleur, la meilleure, meilleur*, numéro un, imbattable*, inégalé*,"
              " primé*, incomparable*, exclusif, exclusive",
        "es": "el mejor, la mejor, mejor*, número uno, insuperable*, inigualable*,"
              " galardonado*, premiado*, exclusivo*",
    },
    "promotion": {
        "en": "discount, discounted, on sale, for sale, sale price, clearance, special"
              " offer,"
              " limited offer, limited time, limited-time, limited edition, free shipping,"
              " free"
              " delivery, fast shipping, next-day delivery, free gift, buy now, buy one,"
              " shop now, order now, order today, order yours, add to cart, don't miss,"
              " hurry, while stocks last, in stock, bargain, coupon, voucher, promo code,"
              " promo, black friday, half price, cheap, best price, subscribe",
        "de": "rabatt*, reduziert*, sonderangebot*, ausverkauf, versandkostenfrei*,"
              " kostenloser"
              " versand, jetzt kaufen, jetzt bestellen, nur kurze zeit, gutschein*, gratis,"
              " angebot der woche",
        "fr": "remise*, promotion*, soldes, livraison gratuite, offre spéciale, achetez"
              " maintenant, commandez, gratuit*, offre limitée",
        "es": "descuento*, rebajas, rebajado*, oferta especial, envío gratis, envío"
              " gratuito,"
              " compra ahora, compre ahora, gratis, oferta limitada",
    },
    "audience": {
        "en": "for children, for child, for kids, for kid, children, childrens, kid, kids,"
              " baby, babies, infant, newborn, toddler, toddlers, teen, all ages, child,"
              " child-friendly, kid-friendly, age-appropriate, pregnant, seniors",
        "de": "kinder*, baby*, babys, säugling*, kleinkind*, jugendliche*",
        "fr": "enfant, bébé, nourrisson, ado",
        "es": "niño, niña, bebé, infantil*",
    },
    "wearer": {
        "en": "men, man, women, woman, mens, womens, unisex, ladies, gentlemen, girl, boy,"
              " male, female",
        "de": "herren*, damen*, männer*, frauen*, unisex, mädchen, jungen",
        "fr": "homme, femme, unisexe, fille, garçon",
        "es": "hombre, mujer, unisex, chica, chico",
    },
}

NOT_CLAIMS: Mapping[str, str] = {
    # Longer phrases that hold a claim's word and claim nothing of the kind.
    "en": "silk screen, cotton candy, french terry, french cuff, french toe, french press,"
          " chelsea boot, oxford shoe, oxford shirt, panama hat, hawaiian shirt, cuban"
          " collar,"
          " greek yogurt, english rose, bermuda shorts, turkish delight, cuban heel, irish"
          " coffee, persian cat, mandarin collar, peter pan collar, prince of wales check,"
          " safe haven, best man, child seat, crystal clear, one-piece, two-piece,"
          " two-tone, two"
          " tone, three-quarter, 3/4 sleeve, 3/4 length, 1/4 zip, 1/2 zip, 1/2-zip,"
          " 1/4-zip, four-in-hand, one-shoulder,"
          " one shoulder, one-button, walnut brown, oak brown, best before, man bag,"
          " baby blue, baby pink, royal blue, navy blue, linen white, bamboo green,"
          " emerald green, silk flower, silver birch, brussels sprout, swiss chard,"
          " chinese cabbage, savoy cabbage, t-shirt dress, boyfriend jeans, mom jeans",
    "de": "bioladen",
}
# fmt: on
