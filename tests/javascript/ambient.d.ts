// What comes with plotly's Python package; labkit/widgets/queues/panel.py puts it into the panel.
declare module "plotly" {
  export interface Plotly {
    react(sheet: HTMLElement, traces: object[], layout: object, config: object): void;
    purge(sheet: HTMLElement): void;
  }
  export function plotlyLibrary(): Plotly;
}
