using System.Text;

namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>A few hundred user agents of browsers, and some of robots and programs.</summary>
internal static class UserAgents
{
    private static readonly string[] Desktops =
    [
        "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64", "X11; CrOS x86_64 14541.0.0", "Windows NT 6.1; Win64; x64",
    ];

    private static readonly string[] Phones =
    [
        "Linux; Android 10; K", "Linux; Android 14; SM-S918B", "Linux; Android 13; Pixel 7", "Linux; Android 12; moto g(60)", "Linux; Android 15; SM-A546B",
        "Linux; Android 11; Redmi Note 9 Pro", "Linux; Android 14; 22101316G", "Linux; Android 13; CPH2411",
    ];

    private static readonly string[] Apples =
    [
        "iPhone; CPU iPhone OS 17_6_1 like Mac OS X", "iPhone; CPU iPhone OS 18_1 like Mac OS X", "iPhone; CPU iPhone OS 16_7_10 like Mac OS X", "iPad; CPU OS 17_5 like Mac OS X",
    ];

    public static byte[][] Robots { get; } = Bytes(
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
        "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)", "Mozilla/5.0 zgrab/0.x", "-",
    ]);

    public static byte[][] Programs { get; } = Bytes(
    [
        "okhttp/4.12.0", "Go-http-client/1.1", "Go-http-client/2.0", "python-requests/2.31.0", "curl/8.5.0", "Apache-HttpClient/4.5.14 (Java/17.0.9)", "axios/1.6.7", "Dart/3.2 (dart:io)",
        "ShopApp/5.14.2 (iOS 17.6.1; iPhone15,2)", "ShopApp/5.14.2 (Android 14; SM-S918B)", "ShopApp/5.13.0 (Android 13; Pixel 7)", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    ]);

    /// <summary>Those of browsers, the most used first.</summary>
    public static byte[][] Browsers(ulong seed)
    {
        var random = new SeededRandom(seed);
        var all = new HashSet<string>(StringComparer.Ordinal);
        while (all.Count < 360)
            all.Add(Browser(ref random));
        return Bytes(all);
    }

    private static string Browser(ref SeededRandom random)
    {
        int version = 131 - (int)(random.Fraction() * random.Fraction() * 24);
        string desktop = Desktops[random.Below(random.Below(Desktops.Length) + 1)];
        string phone = Phones[random.Below(Phones.Length)];
        string apple = Apples[random.Below(Apples.Length)];
        string chrome = $"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.{(random.Chance(70) ? 0 : 6000 + random.Below(800))}.{(random.Chance(70) ? 0 : random.Below(200))}";
        return random.Below(10) switch
        {
            < 3 => $"Mozilla/5.0 ({desktop}) {chrome} Safari/537.36",
            < 5 => $"Mozilla/5.0 ({phone}) {chrome} Mobile Safari/537.36",
            5 => $"Mozilla/5.0 ({desktop}) {chrome} Safari/537.36 Edg/{version}.0.{random.Below(3000)}.{random.Below(100)}",
            6 => $"Mozilla/5.0 ({desktop}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0",
            7 => $"Mozilla/5.0 ({phone}) {chrome} Mobile Safari/537.36 OPR/{random.Below(20) + 70}.0.0.0",
            _ => $"Mozilla/5.0 ({apple}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{16 + random.Below(3)}.{random.Below(7)} Mobile/15E148 Safari/604.1",
        };
    }

    private static byte[][] Bytes(IEnumerable<string> texts) => [.. texts.Select(Encoding.ASCII.GetBytes)];
}
