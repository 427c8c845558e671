/*
 * American spelling.  Each line is a pattern of British forms; a word is wrong
 * if one of them matches it as a whole or, after a star, its beginning.
 */
const BRITISH = `
  armour* behaviour* colour* endeavour* favour* flavour* harbour* honour* humour* labour* neighbour* odour* rigour* rumour*
  vapour* vigour*
  apologis* authoris* capitalis* categoris* centralis* criticised customis* emphasis(e|ed|es|ing) finalis(e|ed|es|ing) generalis*
  initialis* localis* maximis* minimis* normalis* optimis(e|ed|es|ing|ation)* organis(e|ed|es|ing|ation)* prioritis* randomis*
  realis(e|ed|es|ing|ation)* recognis* sanitis* serialis* specialis(e|ed|es|ing|ation)* standardis* summaris* synchronis* tokenis*
  utilis* visualis*
  analys(e|ed|er|ing) paralys(e|ed|ing)
  biass* cancell(ed|er|ing) channell* counsell* focuss* fuell* labell* levell* marvell* modell* quarrell* signall* totalled
  targett* travell* tunnell*
  enrol enrols fulfil fulfils instal instals skilful wilful
  calibre centre* fibre* litre* metre metres theatre
  defence* licence* offence* practis(e|ed|es|ing) pretence*
  analogue catalogue* dialogue* programme programmes
  acknowledgement* adviser ageing artefact* cheque cosy draught* grey* judgement* kerb manoeuvre* mould* plough* queueing
  sceptic* speciality storey tyre*
  amongst whilst afterwards backwards downwards forwards inwards outwards towards upwards
  burnt dreamt leant learnt misspelt spelt
`.trim().split(/\s+/);

const WRONG = new RegExp(`^(${BRITISH.map((one) => one.replace(/\*$/, "[a-z]*")).join("|")})$`, "i");

/* The words of TEXT, those within names in camel case, too. */
function words(text) {
  return text.replace(/([a-z])([A-Z])/g, "$1 $2").match(/[A-Za-z]+/g) ?? [];
}

/* The document BEHAVIOURS.md keeps its name, and CSS and ARIA theirs. */
const NAMES = /\bBEHAVIOURS\b|\baria-labelledby\b|^\s*animation: .*\bbackwards;$/gm;

/* The words of TEXT that are spelled in the British way. */
export function british(text) {
  return words(text.replace(NAMES, "")).filter((word) => WRONG.test(word));
}
