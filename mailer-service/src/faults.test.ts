import { expect, test } from 'vitest'
import { classifyFault } from './faults.ts'

const fault = (name: string, status?: number) =>
  Object.assign(new Error('a message nobody reads'), {
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
  })

test.each([
  ['TooManyRequestsException', 429, 'throttle'],
  ['ThrottlingException', 400, 'throttle'],
  ['SomethingNew', 429, 'throttle'],
  ['MessageRejected', 400, 'permanent'],
  ['BadRequestException', 400, 'permanent'],
  ['SomethingNew', 422, 'permanent'],
  ['SendingPausedException', 400, 'paused'],
  ['AccountSuspendedException', 400, 'paused'],
  ['MailFromDomainNotVerifiedException', 400, 'paused'],
  ['UnrecognizedClientException', 403, 'paused'],
  ['CredentialsProviderError', undefined, 'paused'],
  ['InternalServiceErrorException', 500, 'transient'],
  ['SomethingNew', 408, 'transient'],
  ['AbortError', undefined, 'transient'],
  ['Error', undefined, 'transient'],
])('%s with status %s is %s', (name, status, kind) => {
  expect(classifyFault(fault(name, status))).toEqual({ kind, name })
})

test('a name that is no name is not repeated', () => {
  expect(classifyFault(fault('bo@example.com was refused')).name).toBe('unknown')
  expect(classifyFault('bo@example.com')).toEqual({ kind: 'transient', name: 'unknown' })
})
