extension Stylesheet {
  /// Ten steps of a cell's ground; the darkest still lets text be read.
  private static let heat = (0...9).map { step in
    ".h\(step){background:color-mix(in srgb,var(--column) \(3 + step * 4)%,transparent)}"
  }.joined()

  static let rules = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);font:400 15px/1.55 "Inter",ui-sans-serif,
      system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;
      font-variant-numeric:tabular-nums}
    a{color:var(--accent);text-decoration:none}
    a:hover{text-decoration:underline;text-underline-offset:3px}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
    main:focus{outline:none}
    code{font:500 .92em/1.5 "JetBrains Mono",ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",
      monospace}
    .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    .skip{position:absolute;left:-999px}
    .skip:focus{left:16px;top:12px;z-index:2;background:var(--card);padding:6px 12px;border-radius:6px}
    .top{background:var(--card);border-bottom:1px solid var(--edge)}
    .inner,main,footer{max-width:1160px;margin:0 auto;padding:0 24px}
    .inner{display:flex;align-items:center;gap:10px;min-height:56px;flex-wrap:wrap}
    .brand,.app{display:inline-flex;align-items:center;gap:9px;color:var(--ink);font-weight:650;
      letter-spacing:-.01em}
    .app{font-weight:500}
    .app::before{content:"/";color:var(--soft);font-weight:400;margin-right:1px}
    .logo-back{fill:var(--accent)}
    .logo-line{fill:none;stroke:var(--card);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
    nav{margin-left:auto;overflow-x:auto;scrollbar-width:none}
    nav ul{display:flex;gap:4px;list-style:none;margin:0;padding:4px 0}
    nav a{display:block;padding:6px 12px;border-radius:8px;color:var(--soft);white-space:nowrap}
    nav a:hover{color:var(--ink);text-decoration:none;background:var(--paper)}
    nav a[aria-current]{color:var(--accent);background:var(--tint);font-weight:550}
    main{padding-top:40px;padding-bottom:48px}
    .head{margin-bottom:24px;max-width:760px}
    h1{font-size:32px;line-height:1.2;letter-spacing:-.022em;font-weight:680;margin:0}
    h1 code{font-size:.86em;font-weight:600;letter-spacing:-.03em}
    h2{font-size:21px;line-height:1.3;letter-spacing:-.014em;font-weight:640;margin:0 0 16px}
    h3{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 8px;font-size:15px;font-weight:600;
      margin:0 0 4px}
    h2 small,h3 small{font-size:13px;font-weight:400;color:var(--soft);letter-spacing:0}
    .lead{margin:8px 0 0;color:var(--soft);font-size:16px;text-wrap:pretty}
    .crumb{margin:0 0 6px;font-size:14px}
    .crumb::before{content:"← ";color:var(--soft)}
    .about,.also{margin:0 0 14px;color:var(--soft);font-size:14px;max-width:68ch;text-wrap:pretty}
    .also{margin-top:-10px}
    .part{margin-top:44px}
    .part .part{margin-top:0}
    .card{background:var(--card);border:1px solid var(--edge);border-radius:14px;padding:20px 22px 12px;
      min-width:0;margin-bottom:18px}
    .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:18px}
    .grid.two{grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr))}
    .grid .card{margin:0;display:flex;flex-direction:column}
    .grid .card .method{margin-top:auto}
    .grid .wide{grid-column:1/-1}
    .none{color:var(--soft);margin:10px 0 12px}
    .none strong{color:var(--ink);font-weight:600}
    .notice{margin:12px 0 0;padding:9px 14px;border-radius:8px;border:1px solid var(--edge);
      border-left:3px solid var(--warn);background:var(--card)}
    .scope{display:flex;flex-wrap:wrap;gap:10px;align-items:flex-start}
    .scope+.card,.notice+.card{margin-top:24px}
    .segments{display:inline-flex;background:var(--card);border:1px solid var(--edge);border-radius:10px;
      padding:3px}
    .segments a{padding:4px 13px;border-radius:7px;color:var(--soft);font-size:14px}
    .segments a:hover{color:var(--ink);text-decoration:none}
    .segments a[aria-current]{background:var(--tint);color:var(--accent);font-weight:550}
    .segments.small{margin-left:auto;padding:2px;border-radius:8px}
    .segments.small a{font-size:12.5px;font-weight:450;padding:1px 9px;border-radius:6px}
    .choose{position:relative}
    .choose summary{cursor:pointer;list-style:none;padding:8px 15px;border:1px solid var(--edge);
      border-radius:10px;background:var(--card);font-size:14px;line-height:20px;color:var(--soft)}
    .choose summary::-webkit-details-marker{display:none}
    .choose summary::after{content:" ▾"}
    .choose summary:hover{color:var(--ink)}
    .choose form{position:absolute;z-index:3;left:0;top:calc(100% + 6px);width:min(560px,
      calc(100vw - 48px));display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px;
      padding:18px;background:var(--card);border:1px solid var(--edge);border-radius:12px;
      box-shadow:0 12px 32px rgb(0 0 0/.14)}
    label{display:grid;gap:4px;font-size:13px;color:var(--soft)}
    input,select,button{font:inherit;font-size:14px;color:var(--ink);background:var(--paper);
      border:1px solid var(--edge);border-radius:8px;padding:6px 9px;min-width:0;width:100%}
    button{background:var(--accent);border-color:var(--accent);color:var(--card);font-weight:600;
      cursor:pointer;align-self:end}
    .chips{display:flex;flex-wrap:wrap;gap:8px;align-items:center;min-height:38px}
    .chip{display:inline-flex;align-items:center;background:var(--tint);color:var(--ink);
      border-radius:999px;padding:3px 4px 3px 13px;font-size:13.5px}
    .chip a{display:inline-grid;place-items:center;width:22px;height:22px;margin-left:5px;border-radius:50%;
      font-size:16px;line-height:1}
    .chip a:hover{background:var(--card);text-decoration:none}
    .clear{font-size:13.5px}
    .figures{display:flex;flex-wrap:wrap;gap:16px 48px;margin:0 0 20px}
    .card .figures{gap:10px 28px;margin:8px 0 10px}
    .figure dt{color:var(--soft);font-size:14px}
    .figure dd{margin:0}
    .figure b{display:block;font-size:36px;line-height:1.2;font-weight:660;letter-spacing:-.028em}
    .card .figure b{font-size:21px;letter-spacing:-.015em}
    .card .figure dt{font-size:13px}
    .note{display:block;color:var(--soft);font-size:13px;max-width:36ch}
    .plot{padding-left:34px}
    .chart{display:block;margin-top:12px;overflow:visible}
    .chart svg,.spark{overflow:visible}
    .spark{display:block}
    .axis{fill:var(--soft);font-size:12px;paint-order:stroke;stroke:var(--card);stroke-width:3px;
      stroke-linejoin:round}
    .axis.strong{fill:var(--ink);font-weight:550}
    .rule,.base{stroke:var(--rule);stroke-width:1;shape-rendering:crispEdges}
    .base{stroke:var(--soft);stroke-opacity:.55}
    .fill{fill:var(--column);fill-opacity:.13}
    .line{fill:none;stroke:var(--column);stroke-width:2;vector-effect:non-scaling-stroke;
      stroke-linejoin:round;stroke-linecap:round}
    .spark .line{stroke-width:1.6}
    .line.open{stroke-dasharray:2 4}
    .dot{fill:var(--column);stroke:var(--card);stroke-width:1.5}
    .dot.open{fill:var(--card);stroke:var(--column);stroke-width:2}
    .column{fill:var(--column)}
    .column.open{fill:url(#hatch);stroke:var(--column);stroke-width:1}
    .hatch-back{fill:var(--card)}
    .hatch-line{fill:var(--column);fill-opacity:.6}
    .hit{fill:transparent}
    .hit:hover{fill:var(--ink);fill-opacity:.07}
    .layer{stroke:var(--card);stroke-width:1;fill:var(--column)}
    .l1{fill-opacity:.74}.l2{fill-opacity:.54}.l3{fill-opacity:.38}.l4{fill-opacity:.25}.l5{fill-opacity:.14}
    .ground{fill:var(--card)}
    .rest{fill:url(#hatch)}
    .part-of{opacity:.55}
    .legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:2px 0 10px;padding:0;
      font-size:13px;color:var(--soft)}
    .legend li{display:inline-flex;align-items:center;gap:7px}
    .cohorts{margin-top:8px;border-collapse:separate;border-spacing:2px}
    .cohorts th,.cohorts td{padding:6px 8px;white-space:nowrap;font-size:13px}
    .cohorts tbody td.n{border-radius:5px}
    .cohorts .open{font-style:italic}
    .soft{color:var(--soft)}
    \(heat)
    .picker,.picks{display:flex;flex-wrap:wrap;gap:12px;align-items:end;margin:0 0 20px}
    .picker label{min-width:130px;max-width:280px;flex:1 1 130px}
    .picker button{width:auto;padding:6px 20px}
    .picks{gap:6px;margin-top:18px}
    .picks a{padding:4px 12px;border:1px solid var(--edge);border-radius:999px;background:var(--card);
      color:var(--soft)}
    .picks a[aria-current]{color:var(--accent);background:var(--tint)}
    .funnel .track{width:40%}
    .mark{stroke:var(--ink);stroke-opacity:.55;stroke-width:1;stroke-dasharray:3 3}
    .rail{fill:var(--rule);stroke:var(--rule)}
    rect.rail{stroke:none}
    .bar,.range{display:block}
    .range .thin{stroke:var(--column);stroke-width:2;stroke-opacity:.55}
    .range .thick{stroke:var(--column);stroke-width:6;stroke-linecap:round;stroke-opacity:.8}
    table{border-collapse:collapse;width:100%;font-size:14px}
    th,td{padding:0}
    th{font-weight:450;text-align:left}
    .n{text-align:right;white-space:nowrap}
    thead th{color:var(--soft);font-size:13px;font-weight:450;padding-bottom:6px;vertical-align:bottom}
    .muted th,.muted td,.muted a{color:var(--soft)}
    .muted .column{fill-opacity:.45}
    .bars tbody{display:block;margin-top:8px}
    .bars tbody tr{display:grid;grid-template-columns:1fr auto 48px;gap:0 6px;padding:5px 0 7px}
    .bars .track{grid-column:1/-1;padding:4px 0 0}
    .bars th{overflow-wrap:anywhere}
    .bars th a{color:var(--ink)}
    .bars .muted th{font-style:italic}
    .share{color:var(--soft)}
    .features,.ranges,.lines{margin-top:8px}
    .features td,.features tbody th,.ranges td,.ranges tbody th,.lines td,.lines tbody th{
      padding:9px 0 9px 20px;border-top:1px solid var(--rule);vertical-align:middle}
    .features thead tr>*,.ranges thead tr>*,.lines thead tr>*{padding-left:20px}
    .features tr>:first-child,.ranges tr>:first-child,.lines tr>:first-child,
      .features thead tr>:first-child,.ranges thead tr>:first-child,.lines thead tr>:first-child{
      padding-left:0}
    .features thead td,.ranges thead td{border:0}
    .features tbody th{overflow-wrap:anywhere}
    .features tbody th a{font-weight:550;color:var(--ink)}
    .features tbody th small{display:block;color:var(--soft);font-size:13px}
    .features .track{width:26%}
    .trend{width:150px}
    .ranges .track{width:34%;min-width:110px}
    .ranges tbody th,.lines td,.lines tbody th{overflow-wrap:anywhere}
    .lines .when{white-space:nowrap;color:var(--soft)}
    .lines{table-layout:fixed;min-width:800px}
    .lines th:nth-child(1){width:19%}
    .lines th:nth-child(2){width:17%}
    .lines th:nth-child(4),.lines th:nth-child(5){width:8%}
    .lines th:nth-child(n+6){width:14%}
    .scale{margin:2px 0 0;font-size:12.5px;color:var(--soft)}
    .more{margin:12px 0 10px;font-size:14px}
    .method{margin-top:10px;border-top:1px solid var(--rule);font-size:13px;color:var(--soft)}
    .method summary{cursor:pointer;padding:9px 0 7px;list-style-position:outside;margin-left:15px}
    .method summary:hover{color:var(--ink)}
    .unfolded{padding:0 0 8px}
    .unfolded p{margin:4px 0 8px;max-width:72ch}
    .unfolded code{overflow-wrap:anywhere;color:var(--ink)}
    .scroll{overflow-x:auto}
    .unfolded .scroll{max-height:320px}
    .numbers{width:auto;min-width:min(100%,320px)}
    .numbers caption{text-align:left;padding:4px 0;font-weight:550;color:var(--ink)}
    .numbers th,.numbers td{padding:3px 20px 3px 0;border-top:1px solid var(--rule);font-size:13px}
    .numbers thead th{border:0}
    .badge{display:inline-block;vertical-align:middle;font-size:12px;font-weight:500;letter-spacing:0;
      line-height:18px;padding:0 8px;border-radius:999px;border:1px solid var(--warn);color:var(--warn)}
    .badge.quiet{border-color:var(--edge);color:var(--soft)}
    .apps{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,
      minmax(min(100%,480px),1fr));gap:18px}
    .app-card{margin:0;padding:22px 24px 10px;display:flex;flex-direction:column}
    .app-card h2{margin:0}
    .app-card .lead{font-size:14px;margin:4px 0 18px}
    .app-card .spark{margin-top:auto}
    .app-card .figure b{font-size:24px}
    .ways{padding-left:20px}
    .open li{margin:4px 0}
    footer{border-top:1px solid var(--edge);color:var(--soft);font-size:13px;padding-top:18px;
      padding-bottom:36px}
    footer p{margin:0}
    @media (max-width:640px){
    .inner,main,footer{padding-left:16px;padding-right:16px}
    .inner{padding-top:10px;gap:6px 10px}
    nav{margin-left:0;width:100%}
    nav ul{margin:0 0 6px;flex-wrap:wrap;gap:2px}
    nav a{padding:5px 10px}
    main{padding-top:24px}
    h1{font-size:26px}
    h2{font-size:19px}
    .part{margin-top:32px}
    .card{padding:16px 16px 8px;border-radius:12px}
    .figures{gap:14px 28px}
    .figure b{font-size:28px}
    .minor,.trend,.features .track,.funnel .track{display:none}
    .segments a{padding:4px 10px}
    .choose form{width:calc(100vw - 32px)}
    }
    @media (prefers-contrast:more){:root{--soft:var(--ink);--edge:var(--soft);--rule:var(--soft)}}
    @media print{.scope,.skip,nav{display:none}.card{break-inside:avoid}}
    """
}
