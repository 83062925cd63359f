// The worst comes first, and the page does not jump.
"use strict";

// what got better keeps its place for so long
const SETTLED_MS = 20000;

class WorstFirst {
  // place: whose children are in order; items: {id, element, rank}
  constructor(place) {
    this.place = place;
    this.items = new Map();
    setInterval(() => {
      if ([...this.items.values()].filter((item) => this.settle(item)).length) {
        this.arrange();
      }
    }, 5000);
  }

  add(item) {
    this.items.set(item.id, Object.assign(item, { now: item.rank, since: Date.now() }));
  }

  ranked(item, rank) {
    item.now = rank;
    if (this.settle(item)) {
      this.arrange();
    }
  }

  // The items that are none of these.
  others(ids) {
    const known = new Set(ids);
    return [...this.items.keys()].filter((id) => !known.has(id));
  }

  forget(id) {
    this.items.get(id)?.element.remove();
    this.items.delete(id);
  }

  // Worse at once, better when it has lasted. True when its place may be another.
  settle(item) {
    const before = item.rank;
    if (item.now <= item.rank || Date.now() - item.since > SETTLED_MS) {
      item.rank = item.now;
      item.since = Date.now();
    }
    return item.rank !== before;
  }

  // Where somebody is at work in one, the others move around it.
  arrange() {
    const order = [...this.items.values()].sort(
      (a, b) => a.rank - b.rank
        || compare(a.fields.title.textContent, b.fields.title.textContent)
        || compare(a.id, b.id));
    const wanted = order.map(({ element }) => element);
    if (wanted.every((element, place) => this.place.children[place] === element)) {
      return;
    }
    const at = Math.max(0, wanted.findIndex((element) => element.contains(document.activeElement)));
    wanted[at].before(...wanted.slice(0, at));
    wanted[at].after(...wanted.slice(at + 1));
  }
}

// As people count: 2 before 10 (`natural` of the hub).
function compare(a, b) {
  const [ours, theirs] = [a, b].map((name) => name.split(/([0-9]{1,15})/));
  for (let n = 0; n < Math.min(ours.length, theirs.length); n++) {
    const [x, y] = n % 2 ? [Number(ours[n]), Number(theirs[n])] : [ours[n], theirs[n]];
    if (x !== y) {
      return x < y ? -1 : 1;
    }
  }
  return ours.length - theirs.length || (a < b ? -1 : a > b ? 1 : 0);
}

// {name: element with that data-field}
function fieldsOf(element) {
  const fields = {};
  for (const field of element.querySelectorAll("[data-field]")) {
    fields[field.dataset.field] = field;
  }
  return fields;
}
