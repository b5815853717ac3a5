// Handles of C as objects: freed when they are closed or forgotten, and never used by two threads at a time.
'use strict';

const { DiffusionError, call, failure, lent, status } = require('./errors');
const exit = require('./exit');
const { native } = require('./library');

const forgotten = new FinalizationRegistry(({ free, pointer }) => native[free](pointer));

/** Who uses what a handle names while calls run elsewhere: any number of readers, or one that changes it. */
class Use {
  #waiting = [];

  constructor(kind) {
    Object.assign(this, { kind, readers: 0, changing: false });
  }

  check(changes) {
    if (this.changing || (changes && this.readers > 0)) {
      throw new DiffusionError(status.E_STATE, `${this.kind}: another call that uses it is running, await that first`);
    }
  }

  begin(changes) {
    if (changes) this.changing = true;
    else this.readers++;
  }

  end(changes) {
    if (changes) this.changing = false;
    else this.readers--;
    if (!this.#running) this.#waiting.splice(0).forEach((free) => free());
  }

  get #running() {
    return this.changing || this.readers > 0;
  }

  /** Frees now, or when the calls have ended that use it. */
  free(free) {
    if (this.#running) this.#waiting.push(free);
    else free();
  }
}

class Handle {
  #pointer;
  #owner;
  #closed = false;
  #slots = {};

  /** Takes over a handle that C has made; one that an owner lends is the owner's to free. Some share their use. */
  constructor(kind, pointer, { owner = null, use = null } = {}) {
    Object.defineProperties(this, { kind: { value: kind }, use: { value: use ?? new Use(kind) } });
    this.#pointer = pointer;
    this.#owner = owner;
    if (!owner) forgotten.register(this, { free: `${kind}_free`, pointer }, this);
  }

  /** For C; refused once closed. */
  get pointer() {
    if (this.closed) throw new DiffusionError(status.E_STATE, `${this.kind}: it is closed`);
    return this.#pointer;
  }

  get closed() {
    return this.#owner ? this.#owner.closed : this.#closed;
  }

  /** Frees the handle now; one that a running call uses goes when that ends. Again, or if it is lent, nothing happens. */
  close() {
    if (this.#closed || this.#owner) return;
    this.#closed = true;
    this.use.free(() => this.#free());
  }

  #free() {
    forgotten.unregister(this);
    native[`${this.kind}_free`](this.#pointer);
  }

  /** Gives C a callback, null for none, and keeps it alive with the object. */
  setCallback(name, slot, address) {
    call(`${this.kind}_set_${name}`, this.changed(), slot && address, slot && slot.number);
    this.#slots[name] = slot;
  }

  /** The pointer, to read: while a call of this handle runs elsewhere, in that call's callbacks alone. */
  read() {
    const { pointer } = this;
    if (!Object.values(this.#slots).some((slot) => slot?.inside > 0)) this.use.check(false);
    return pointer;
  }

  /** The pointer, to change what it names. */
  changed() {
    const { pointer } = this;
    this.use.check(true);
    return pointer;
  }

  /** Makes a call now: the function's name and arguments, and the objects that it reads; it changes this handle. */
  now({ name, values, reads }) {
    call(name, this.#checked(reads), ...values);
  }

  /** Makes it on another thread. Until its end all uses are taken, and all that it was given is kept. */
  later(job) {
    const pointer = this.#checked(job.reads);
    job.values = job.values.map(lent);
    return new Promise((resolve, reject) => {
      native[job.name].async(pointer, ...job.values, (error, number) => {
        exit.end();
        if (error) reject(error);
        else if (number !== 0) reject(failure(number, native[`${this.kind}_error`](pointer)));
        else resolve();
        this.use.end(true); // which may free it
        job.reads.forEach(({ use }) => use.end(false));
      });
      exit.begin();
      this.use.begin(true);
      job.reads.forEach(({ use }) => use.begin(false));
    });
  }

  #checked(reads) {
    const pointer = this.changed();
    reads.forEach(({ use }) => use.check(false));
    return pointer;
  }
}
if (Symbol.dispose) Handle.prototype[Symbol.dispose] = Handle.prototype.close;

/** The handle that a function of C makes. */
function make(name, ...values) {
  const out = [null];
  call(name, out, ...values);
  return out[0];
}

/** The pointer of an argument that has to be an object of that class; null may be allowed. */
function pointerOf(name, object, Class, nullable = false) {
  if (nullable && (object === null || object === undefined)) return null;
  if (!(object instanceof Class)) throw new TypeError(`${name} is not a ${Class.name}`);
  return object.read();
}

module.exports = { Handle, make, pointerOf };
