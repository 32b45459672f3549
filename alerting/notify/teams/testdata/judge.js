// judge.js ADAPTIVECARDS: reads cards with Microsoft's own package, of which ADAPTIVECARDS is
// the script. In: one object a line, {name, sent}. Out: what it has against them, one
// object a line, {name, fault}; a last line says how many it has read.
"use strict";

const cards = require(process.argv[2]);
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
const say = (said) => console.log(JSON.stringify(said));

// What the package itself writes when it is left out. It knows nothing of msteams, which
// is of Teams alone.
const left = { color: "Default", spacing: "Default", size: "Default", weight: "Default" };

// lost names what was given and not understood: what the package read does not hold it.
function lost(given, read, path) {
	if (typeof given !== "object" || given === null) {
		return given === read || (read === undefined && given === left[path.split(".").pop()]) ? [] : [path];
	}
	return Object.keys(given)
		.filter((key) => path !== "" || key !== "msteams")
		.flatMap((key) => lost(given[key], read === undefined ? undefined : read[key], path === "" ? key : `${path}.${key}`));
}

// actions are those of the runs of text, which the package does not look at by itself.
function* actions(card) {
	for (let i = 0; i < card.getItemCount(); i++) {
		const block = card.getItemAt(i);
		for (let j = 0; block instanceof cards.RichTextBlock && j < block.getInlineCount(); j++) {
			if (block.getInlineAt(j).selectAction) yield block.getInlineAt(j).selectAction;
		}
	}
}

for (const line of lines) {
	const { name, sent: card } = JSON.parse(line);
	const context = new cards.SerializationContext(cards.Versions.v1_4);
	const read = new cards.AdaptiveCard();
	read.parse(card, context);
	for (let i = 0; i < context.eventCount; i++) say({ name, fault: context.getEventAt(i).message });
	for (const part of [read, ...actions(read)]) {
		for (const event of part.validateProperties().validationEvents) say({ name, fault: event.message });
	}
	for (const path of lost(card, read.toJSON(context), "")) say({ name, fault: `it does not know ${path}` });
}
say({ read: lines.length });
