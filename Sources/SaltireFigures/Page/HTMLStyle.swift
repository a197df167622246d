/// The style sheet of an ``HTMLReport``.
enum HTMLStyle {
  /// The contrast of all text is at least 4.5 to 1 on both backgrounds. Figures are drawn for a
  /// white page and keep a white background in dark mode.
  static let css = """
    :root { --ink: #1b1b1b; --ground: #ffffff; --soft: #5a5a5a; --line: #d0d0d0;
      --panel: #f5f5f3; --ok: #00694d; --warning: #8a5a00; --failed: #b03a00; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e8e8e6; --ground: #161718; --soft: #a8a8a6; --line: #45474a;
        --panel: #222426; --ok: #4fc79f; --warning: #f0b840; --failed: #ff8a4d; } }
    body { margin: 0; background: var(--ground); color: var(--ink);
      font: 16px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; }
    main { max-width: 1080px; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
    h2 { font-size: 1.2rem; margin: 2rem 0 .6rem; padding-bottom: .2rem;
      border-bottom: 1px solid var(--line); }
    p { max-width: 46rem; overflow-wrap: anywhere; }
    .verdict { max-width: none; margin: 0; padding: .5rem .8rem; background: var(--panel);
      border-left: 5px solid; }
    .verdict strong { margin-right: .4rem; }
    .ok { border-color: var(--ok); } .ok strong { color: var(--ok); }
    .warning { border-color: var(--warning); } .warning strong { color: var(--warning); }
    .failed { border-color: var(--failed); } .failed strong { color: var(--failed); }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0; }
    dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
    .scroll { overflow-x: auto; margin: 1rem 0; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
    caption { font-size: 1rem; }
    caption { text-align: left; padding-bottom: .4rem; }
    th, td { padding: .2rem .5rem; vertical-align: top; }
    td { white-space: nowrap; }
    thead th { border-top: 2px solid; border-bottom: 1px solid; vertical-align: bottom; }
    tbody tr:last-child > * { border-bottom: 2px solid; }
    tbody th { font-weight: 600; }
    .unit { font-weight: 400; color: var(--soft); }
    .left { text-align: left; } .center { text-align: center; } .right { text-align: right; }
    figure { margin: 1.2rem 0; }
    figure svg { display: block; max-width: 100%; height: auto; background: #ffffff;
      border-radius: 4px; }
    figcaption { max-width: 46rem; margin-top: .4rem; }
    pre { background: var(--panel); padding: .6rem .8rem; overflow-x: auto;
      font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
    details { margin: .8rem 0; } summary { cursor: pointer; }
    @media print {
      :root { --ink: #000000; --ground: #ffffff; --soft: #444444; --line: #bbbbbb;
        --panel: #ffffff; --ok: #00694d; --warning: #8a5a00; --failed: #b03a00; }
      body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
      figure, tr, dl { break-inside: avoid; } h2, caption { break-after: avoid; }
      pre { white-space: pre-wrap; border: 1px solid var(--line); } }
    """
}
