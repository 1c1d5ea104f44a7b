using System.Text;

namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>What the servers serve, and to whom: a shop's pages and its clients. Made once, read by all threads.</summary>
internal sealed class Site
{
    private const int ClientCount = 60_000;
    private const int ProductCount = 12_000;

    private readonly Vocabulary _words;
    private readonly Ranks _clientRanks = new(ClientCount), _productRanks = new(ProductCount), _browserRanks, _assetRanks;
    private readonly byte[][] _products, _categories, _articles, _assets;
    private readonly int[] _assetSizes;

    public Site(ulong seed)
    {
        var random = new SeededRandom(seed ^ 0x5174);
        _words = new Vocabulary(seed, 20_000);
        Browsers = UserAgents.Browsers(seed);
        _browserRanks = new Ranks(Browsers.Length);
        Clients = Many(ClientCount, ref random, Address);
        ClientAgents = new ushort[ClientCount];
        for (int i = 0; i < ClientCount; i++)
            ClientAgents[i] = (ushort)_browserRanks.Draw(ref random);
        _products = Many(ProductCount, ref random, (ref SeededRandom random) => $"/product/{Words(ref random, 2 + random.Below(3))}-{100_000 + random.Below(900_000)}");
        _categories = Many(140, ref random, (ref SeededRandom random) => $"/c/{Words(ref random, 1)}/{Words(ref random, 1 + random.Below(2))}");
        _articles = Many(1_500, ref random, (ref SeededRandom random) => $"/blog/20{20 + random.Below(7)}/{1 + random.Below(12):00}/{Words(ref random, 3 + random.Below(5))}");
        string[] kinds = ["js", "css", "woff2", "svg", "png", "webp"];
        _assets = Many(400, ref random, (ref SeededRandom random) => $"/static/{Words(ref random, 1)}.{(uint)random.Next():x8}.{kinds[random.Below(kinds.Length)]}");
        _assetRanks = new Ranks(_assets.Length);
        _assetSizes = [.. _assets.Select(_ => 0)];
        for (int i = 0; i < _assetSizes.Length; i++)
            _assetSizes[i] = (int)random.LogNormal(14_000, 1.2);
        PageSizes = new Sizes(seed + 1, 9_000, 0.6);
        AnswerSizes = new Sizes(seed + 2, 900, 1.1);
        Durations = new Sizes(seed + 3, 21_000, 1.1);
    }

    private delegate string Make(ref SeededRandom random);

    public byte[][] Browsers { get; }

    public byte[][] Clients { get; }

    /// <summary>Which browser each client has.</summary>
    public ushort[] ClientAgents { get; }

    public Sizes PageSizes { get; }

    public Sizes AnswerSizes { get; }

    /// <summary>In microseconds.</summary>
    public Sizes Durations { get; }

    public int Client(ref SeededRandom random) => _clientRanks.Draw(ref random);

    public ReadOnlySpan<byte> Word(ref SeededRandom random) => _words.Any(ref random);

    /// <summary>A file that a page needs; it always has the same size.</summary>
    public ReadOnlySpan<byte> Asset(ref SeededRandom random, out int size)
    {
        int asset = _assetRanks.Draw(ref random);
        size = _assetSizes[asset];
        return _assets[asset];
    }

    public void AddPicture(ref ByteWriter line, ref SeededRandom random, out int size)
    {
        int picture = _productRanks.Draw(ref random);
        int width = 160 << random.Below(4);
        line.Add("/media/"u8);
        line.AddNumber(picture % 97);
        line.Add((byte)'/');
        line.AddNumber(100_003L * (picture + 17) % 9_999_991);
        line.Add((byte)'_');
        line.AddNumber(width);
        line.Add(".webp"u8);
        size = (int)((((picture * 2_654_435_761L) & 0x7FFF) + 9_000) * width / 640);
    }

    public void AddPage(ref ByteWriter line, ref SeededRandom random)
    {
        int kind = random.Below(1000);
        if (kind < 420)
        {
            line.Add(_products[_productRanks.Draw(ref random)]);
            if (random.Chance(12))
                AddCampaign(ref line, ref random);
        }
        else if (kind < 640)
        {
            line.Add(_categories[random.Below(random.Below(_categories.Length) + 1)]);
            if (random.Chance(60))
            {
                line.Add("?page="u8);
                line.AddNumber(1 + random.Below(1 + random.Below(40)));
                line.Add(random.Chance(50) ? "&sort=price_asc"u8 : "&sort=popular"u8);
            }
        }
        else if (kind < 790)
        {
            line.Add("/search?q="u8);
            line.Add(_words.Any(ref random));
            for (int more = random.Below(3); more > 0; more--)
            {
                line.Add((byte)'+');
                line.Add(_words.Any(ref random));
            }
        }
        else if (kind < 860)
        {
            line.Add((byte)'/');
        }
        else if (kind < 940)
        {
            line.Add(_articles[random.Below(_articles.Length)]);
        }
        else if (kind < 947)
        {
            line.Add(random.Below(3) switch { 0 => "/checkout/address"u8, 1 => "/checkout/payment?step=2"u8, _ => "/checkout/confirm?order="u8 });
            line.AddNumber(1_000_000 + random.Below(8_000_000));
        }
        else if (kind < 970)
        {
            line.Add("/cart?session="u8);
            line.AddBase64(ref random, 16);
        }
        else
        {
            line.Add("/account/orders/"u8);
            line.AddNumber(1_000_000 + random.Below(8_000_000));
        }
    }

    public void AddCall(ref ByteWriter line, ref SeededRandom random)
    {
        int kind = random.Below(1000);
        if (kind < 3)
        {
            line.Add(random.Chance(20) ? "/api/v1/orders/"u8 : "/api/v2/orders/"u8);
            line.AddNumber(10_000 + random.Below(8_000_000));
            line.Add("/refund"u8);
        }
        else if (kind < 250)
        {
            line.Add(random.Chance(20) ? "/api/v1/orders/"u8 : "/api/v2/orders/"u8);
            line.AddNumber(10_000 + random.Below(8_000_000));
        }
        else if (kind < 520)
        {
            line.Add("/api/v2/products/"u8);
            line.AddNumber(100_000 + (_productRanks.Draw(ref random) * 73L));
            line.Add(random.Below(4) switch { 0 => "/reviews?page=1&per_page=20"u8, 1 => "/availability"u8, _ => ""u8 });
        }
        else if (kind < 640)
        {
            line.Add("/api/v2/inventory?sku="u8);
            line.Add(_words.Any(ref random));
            line.Add((byte)'-');
            line.AddDigits(random.Below(100_000), 5);
            line.Add("&warehouse="u8);
            line.AddNumber(1 + random.Below(9));
        }
        else if (kind < 820)
        {
            line.Add("/api/v2/events"u8);
        }
        else if (kind < 835)
        {
            line.Add("/api/v2/checkout/sessions/"u8);
            line.AddHex(ref random, 8);
        }
        else
        {
            line.Add("/api/v1/users/"u8);
            line.AddNumber(10_000 + random.Below(900_000));
            line.Add(random.Chance(50) ? "/cart"u8 : "/recommendations?limit=12"u8);
        }
    }

    private static void AddCampaign(ref ByteWriter line, ref SeededRandom random)
    {
        line.Add("?utm_source="u8);
        line.Add(random.Below(4) switch { 0 => "newsletter"u8, 1 => "facebook"u8, _ => "google"u8 });
        line.Add("&utm_campaign=autumn26&gclid="u8);
        line.AddBase64(ref random, 30);
    }

    private string Words(ref SeededRandom random, int count)
    {
        var text = new StringBuilder();
        for (; count > 0; count--)
            text.Append(text.Length > 0 ? "-" : "").Append(Encoding.ASCII.GetString(_words.Any(ref random)));
        return text.ToString();
    }

    private static string Address(ref SeededRandom random)
    {
        if (random.Below(30) == 0)
            return $"2a0{random.Below(10)}:{random.Below(0x10000):x}:{random.Below(0x10000):x}:{random.Below(0x10000):x}::{random.Below(0x10000):x}";
        int first = 2 + random.Below(220);
        return $"{(first is 10 or 127 or 172 or 192 ? 81 : first)}.{random.Below(256)}.{random.Below(256)}.{1 + random.Below(254)}";
    }

    private static byte[][] Many(int count, ref SeededRandom random, Make make)
    {
        var all = new byte[count][];
        for (int i = 0; i < count; i++)
            all[i] = Encoding.ASCII.GetBytes(make(ref random));
        return all;
    }
}
