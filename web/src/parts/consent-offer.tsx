/** After the second yes to one person: be asked each time, or not? Told once on a device. */
import { useState } from 'react'
import { Link } from 'wouter'
import { recall, remember } from '../browser.ts'
import { fill, t } from '../messages/say.ts'
import { Button, buttonClass } from './button.tsx'
import { usePerson } from './queries.ts'

export const ConsentOffer = ({ personId }: { personId: string }) => {
  const person = usePerson(personId).data
  const told = `consent-offered.${personId}`
  const [isOver, setOver] = useState(() => recall(told) !== undefined)
  const isOffered = person?.consentOffered === true && person.consent.mode === 'ask'
  if (person === undefined || !isOffered || isOver) return null
  const tell = () => remember(told, '1')
  return (
    <div
      role="status"
      className="arrives flex flex-wrap items-center gap-x-4 gap-y-2 rounded-ledger bg-paper"
    >
      <p>{fill(t.consent.offer, { name: person.name })}</p>
      <Link href={`/people/${personId}`} onClick={tell} className={buttonClass('plain')}>
        {t.consent.offerOpen}
      </Link>
      <Button
        look="bare"
        onClick={() => {
          tell()
          setOver(true)
        }}
      >
        {t.consent.offerNo}
      </Button>
    </div>
  )
}
