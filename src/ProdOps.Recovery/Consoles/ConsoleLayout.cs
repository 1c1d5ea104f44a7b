using ProdOps.Recovery.Html;

namespace ProdOps.Recovery.Consoles;

/// <summary>What all pages of the console have around their content.</summary>
internal static class ConsoleLayout
{
    private static readonly (string Path, string Title)[] Pages = [("/", "Report"), ("/logs", "Logs"), ("/metrics", "Metrics")];

    /// <summary>All that comes before the content.</summary>
    /// <param name="path">The page's path.</param>
    /// <param name="heading">Its heading.</param>
    /// <param name="target">The id of what it is about, for who does not want to go through the links first.</param>
    /// <param name="reload">After how many seconds a browser that carries out no script loads it again; 0: never.</param>
    /// <param name="head">What stands below the heading.</param>
    public static HtmlWriter Begin(string path, string heading, string target, int reload, HtmlWriter head)
    {
        var page = new HtmlWriter().Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{heading}: ProdOps console</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="/report.css">
            <link rel="stylesheet" href="/console.css">
            <script src="/report.js" defer="defer"></script>
            <script src="/console.js" defer="defer"></script>

            """);
        if (reload > 0) page.Add($"<noscript><meta http-equiv=\"refresh\" content=\"{reload}\"></noscript>\n");
        return page.Add($"</head>\n<body>\n<a class=\"skip\" href=\"#{target}\">To the content</a>\n<header>\n<nav class=\"pages\" aria-label=\"Console\"><ul>\n")
            .Each(Pages, (html, one) => html.Add($"<li><a href=\"{one.Path}\" aria-current=\"{(one.Path == path ? "page" : "false")}\">{one.Title}</a></li>\n"))
            .Add($"</ul></nav>\n<h1>{heading}</h1>\n{head}</header>\n");
    }

    /// <summary>All that comes after the content.</summary>
    public static HtmlWriter End(HtmlWriter footer) => new HtmlWriter().Add($"<footer>{footer}</footer>\n</body>\n</html>\n");
}
