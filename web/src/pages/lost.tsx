import { Link } from 'wouter'
import { t } from '../messages/say.ts'
import { buttonClass } from '../parts/button.tsx'
import { Page } from '../parts/page.tsx'

/** An address that names nothing of the reader's: no page, or somebody else's debt. */
export const Lost = () => (
  <Page title={t.lost.title} narrow>
    <p className="text-ink-2">{t.lost.text}</p>
    <Link href="/" className={`${buttonClass('main')} self-start`}>
      {t.lost.home}
    </Link>
  </Page>
)
