/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sorting, searching and looking closer.  All that is to be read stands in the
 * page without this.
 */
"use strict";

/* --- the table: which rows are shown, and in which order --- */

(function () {
	const table = document.getElementById("table");
	const body = table.tBodies[0];
	const rows = Array.from(body.rows);
	const form = document.querySelector(".controls");
	const search = document.getElementById("search");
	const shown = document.getElementById("shown");
	const order = new Intl.Collator("en", { numeric: true });
	const texts = rows.map(() => null); /* to search in, made when needed */

	/* What of a row has the focus: what opens it, or its name. */
	const handles = rows.map((row) =>
		row.cells[0].querySelector("summary, span"));

	function text_of(i) {
		if (texts[i] === null)
			texts[i] = rows[i].textContent.toLowerCase();
		return texts[i];
	}

	function chosen() {
		return form.elements.show.value;
	}

	function passes(row, choice) {
		switch (choice) {
		case "all": return true;
		case "bad": return row.dataset.bad === "1";
		case "warned": return row.dataset.warned === "1";
		default: return row.dataset.v === choice;
		}
	}

	/*
	 * The first of those that are to be seen come at once and the others frame
	 * by frame: laying out 900 rows takes as long as somebody would notice.
	 */
	const at_once = 150;
	let later = [], frame = 0;

	function show_more() {
		for (const row of later.splice(0, at_once))
			row.hidden = false;
		if (later.length > 0)
			frame = requestAnimationFrame(show_more);
	}

	function show(wanted) {
		cancelAnimationFrame(frame);
		later = [];
		for (const row of body.rows) {
			if (!wanted.has(row))
				row.hidden = true;
			else if (row.hidden)
				later.push(row);
		}
		show_more();
	}

	function filter() {
		const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
		const choice = chosen();
		const wanted = new Set(rows.filter((row, i) => passes(row, choice) &&
			words.every((word) => text_of(i).includes(word))));

		show(wanted);
		shown.textContent = wanted.size === rows.length ? "" :
			wanted.size + " of " + rows.length + " are shown";
	}

	function show_all() {
		search.value = "";
		form.elements.show[0].checked = true;
		filter();
	}

	function key_of(cell, kind) {
		if (kind === "rank")
			return Number(cell.dataset.k);
		if (kind === "number")
			return Number(cell.textContent);
		return handles[rows.indexOf(cell.parentNode)].textContent;
	}

	/* Of verdicts and numbers the largest come first, of names the first. */
	function sort(heading) {
		const kind = heading.className;
		const was = heading.getAttribute("aria-sort");
		const first = kind === "text" ? "ascending" : "descending";
		const now = was === null ? first :
			was === "ascending" ? "descending" : "ascending";
		const sign = now === "ascending" ? 1 : -1;
		const keys = new Map(rows.map((row) =>
			[row, key_of(row.cells[heading.cellIndex], kind)]));
		const sorted = rows.slice().sort((a, b) => kind === "text" ?
			sign * order.compare(keys.get(a), keys.get(b)) :
			sign * (keys.get(a) - keys.get(b)));

		for (const other of heading.parentNode.cells)
			other.removeAttribute("aria-sort");
		heading.setAttribute("aria-sort", now);
		body.append(...sorted);
	}

	function make_sortable(heading) {
		const button = document.createElement("button");

		button.type = "button";
		button.textContent = heading.textContent;
		button.addEventListener("click", () => sort(heading));
		heading.replaceChildren(button);
	}

	/* One row at a time can be reached by Tab, the others by arrows. */
	let current = null;

	function make_current(handle) {
		if (current)
			current.tabIndex = -1;
		current = handle;
		current.tabIndex = 0;
	}

	function step(from, by) {
		let row = from;

		do
			row = by > 0 ? row.nextElementSibling :
				row.previousElementSibling;
		while (row && row.hidden);
		if (row)
			handles[rows.indexOf(row)].focus();
		return row;
	}

	function first_row() {
		const row = Array.from(body.rows).find((row) => !row.hidden);

		if (row)
			handles[rows.indexOf(row)].focus();
	}

	/* A link to a row shows it, whatever is searched for. */
	function go_to_target() {
		const row = document.getElementById(location.hash.slice(1));
		const i = rows.indexOf(row);

		if (i < 0)
			return;
		if (row.hidden)
			show_all();
		row.hidden = false;
		if (handles[i].parentNode.open === false)
			handles[i].parentNode.open = true;
		row.scrollIntoView({ block: "center" });
		handles[i].focus({ preventScroll: true });
	}

	form.hidden = false;
	document.querySelector(".keys").hidden = false;
	form.elements.show[0].checked = true;
	handles.forEach((handle) => { handle.tabIndex = -1; });
	if (handles.length > 0)
		make_current(handles[0]);
	Array.from(table.tHead.rows[0].cells).forEach(make_sortable);
	form.addEventListener("submit", (event) => event.preventDefault());
	form.addEventListener("input", filter);
	body.addEventListener("focusin", (event) => {
		if (handles.includes(event.target))
			make_current(event.target);
	});
	body.addEventListener("keydown", (event) => {
		const row = event.target.closest("tr");

		if (!handles.includes(event.target))
			return;
		if (event.key === "ArrowDown")
			step(row, 1);
		else if (event.key === "ArrowUp") {
			if (!step(row, -1))
				search.focus();
		} else
			return;
		event.preventDefault();
	});
	search.addEventListener("keydown", (event) => {
		if (event.key !== "ArrowDown")
			return;
		event.preventDefault();
		first_row();
	});
	document.addEventListener("keydown", (event) => {
		const typing = event.target.closest("input[type=search]");

		if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
			event.preventDefault();
			search.focus();
			search.select();
		} else if (event.key === "Escape") {
			show_all();
		}
	});
	addEventListener("hashchange", go_to_target);
	go_to_target();
	/* A browser may have kept what was typed before. */
	filter();
})();

/* --- the graph: the neighbours of one file --- */

(function () {
	const svg = document.getElementById("deps");

	if (!svg)
		return;
	const near = document.getElementById("near");
	const nodes = Array.from(svg.querySelectorAll(".node"));
	const needs = new Map(nodes.map((node) => [node, []]));
	const users = new Map(nodes.map((node) => [node, []]));
	const edges = new Map(nodes.map((node) => [node, []]));
	let current = nodes[0], kept = null;

	for (const edge of svg.querySelectorAll(".edges path")) {
		const [needed, user] = edge.dataset.e.split(" ").map((id) =>
			document.getElementById("n" + id));

		needs.get(user).push(needed);
		users.get(needed).push(user);
		edges.get(user).push(edge);
		edges.get(needed).push(edge);
	}

	function name_of(node) {
		return node.querySelector("title").textContent.split(": needs ")[0];
	}

	function list(what, some) {
		const names = some.slice(0, 8).map(name_of).join(", ");

		return some.length === 0 ? "" : ", " + what + " " + names +
			(some.length > 8 ? " and " + (some.length - 8) + " more" : "");
	}

	function clear() {
		svg.classList.remove("chosen");
		for (const on of svg.querySelectorAll(".on"))
			on.classList.remove("on", "self");
		near.textContent = "";
	}

	function choose(node) {
		clear();
		svg.classList.add("chosen");
		node.classList.add("on", "self");
		for (const other of [...needs.get(node), ...users.get(node),
			...edges.get(node)])
			other.classList.add("on");
		near.textContent = name_of(node) + list("needs", needs.get(node)) +
			list("needed by", users.get(node));
	}

	function node_at(event) {
		return event.target.closest ? event.target.closest(".node") : null;
	}

	function make_current(node) {
		current.setAttribute("tabindex", "-1");
		current = node;
		current.setAttribute("tabindex", "0");
	}

	for (const node of nodes)
		node.setAttribute("tabindex", "-1");
	make_current(nodes[0]);
	svg.addEventListener("mouseover", (event) => {
		const node = node_at(event);

		if (node)
			choose(node);
		else if (kept)
			choose(kept);
		else
			clear();
	});
	svg.addEventListener("mouseleave", () => kept ? choose(kept) : clear());
	svg.addEventListener("focusin", (event) => {
		kept = node_at(event);
		if (!kept)
			return;
		make_current(kept);
		choose(kept);
	});
	svg.addEventListener("focusout", () => { kept = null; clear(); });
	svg.addEventListener("keydown", (event) => {
		const at = nodes.indexOf(node_at(event));
		const to = {
			ArrowLeft: () => needs.get(nodes[at])[0],
			ArrowRight: () => users.get(nodes[at])[0],
			ArrowUp: () => nodes[at - 1],
			ArrowDown: () => nodes[at + 1],
		}[event.key];

		if (at < 0 || !to)
			return;
		event.preventDefault();
		if (to())
			to().focus();
	});
})();

/* --- paper: what is closed on the screen is open there --- */

(function () {
	let closed = [];

	addEventListener("beforeprint", () => {
		closed = Array.from(document.querySelectorAll("details:not([open])"));
		for (const one of closed)
			one.open = true;
	});
	addEventListener("afterprint", () => {
		for (const one of closed)
			one.open = false;
		closed = [];
	});
})();
