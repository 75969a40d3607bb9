/** Catches what breaks while a page is drawn. A class, because React knows no other way. */
import { Component, type ReactNode } from 'react'
import { t } from '../messages/say.ts'
import { Button } from './button.tsx'

export class Boundary extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false }

  static getDerivedStateFromError() {
    return { isBroken: true }
  }

  override render() {
    if (!this.state.isBroken) return this.props.children
    return (
      <main id="main" className="mx-auto flex max-w-lg flex-col items-start gap-4 px-5 py-16">
        <h1 className="text-title">{t.broken.title}</h1>
        <p className="text-ink-2">{t.broken.text}</p>
        <Button onClick={() => location.reload()}>{t.retry}</Button>
      </main>
    )
  }
}
