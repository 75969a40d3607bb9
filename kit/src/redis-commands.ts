/**
 * ioredis 6.0.0 assigns a function literal to each command (`this.reject = …`), and V8 makes such a
 * literal in the old generation: the command, its arguments and its answer then wait for a full
 * collection of memory. Here a call makes it, as the library's own `_convertValue` does for `resolve`.
 */
import { Command } from 'ioredis'

/** What the library keeps in a command. */
interface Inside {
  name: string
  args: unknown
  callback: unknown
  errorStack: unknown
  transformed: boolean
  isResolved: boolean
  isSettled: boolean
  promise: Promise<unknown>
  resolve: (reply: unknown) => void
  reject: (error: unknown) => void
  stringifyArguments(): void
  _convertValue(resolve: (reply: unknown) => void): (reply: unknown) => void
  _clearTimers(): void
}
interface CommandClass {
  prototype: { initPromise(this: Inside): void }
  _transformer: { argument: Record<string, ((args: unknown) => unknown) | undefined> }
}

const rejecting = (command: Inside, reject: (error: unknown) => void) => (error: unknown) => {
  command._clearTimers()
  command.isSettled = true
  reject(error)
}

const { prototype, _transformer } = Command as unknown as CommandClass
const theirs = prototype.initPromise

function ours(this: Inside): void {
  // Whoever wants callbacks, or stacks that lead to the caller, goes the library's own way.
  if (this.callback !== undefined || this.errorStack !== undefined) return theirs.call(this)
  this.isResolved = false
  this.isSettled = false
  if (!this.transformed) {
    this.transformed = true
    const transform = _transformer.argument[this.name]
    if (transform !== undefined) this.args = transform(this.args)
    this.stringifyArguments()
  }
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  this.promise = promise
  this.resolve = this._convertValue(resolve)
  this.reject = rejecting(this, reject)
}

/**
 * For all connections of this process; safe to repeat. Scripts (`defineCommand`) assign one more
 * literal, which stays.
 */
export const makeCommandsForgettable = (): void => {
  prototype.initPromise = ours
}
