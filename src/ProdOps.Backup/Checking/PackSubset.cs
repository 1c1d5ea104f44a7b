using System.Globalization;
using ProdOps.Backup.Storage;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Backup.Checking;

/// <summary>Which packs a check reads.</summary>
internal abstract record PackSubset
{
    private const double DefaultRollingShare = 0.05;

    private PackSubset() { }

    /// <summary>Every pack.</summary>
    public static PackSubset All { get; } = new Everything();

    /// <summary>Reads <c>n/t</c>, <c>5%</c>, <c>10G</c> as restic does, and <c>rolling</c> or <c>rolling 5%</c>.</summary>
    public static PackSubset Parse(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.StartsWith("rolling", StringComparison.OrdinalIgnoreCase))
        {
            string share = trimmed["rolling".Length..].TrimStart(' ', ':', '=');
            return share.Length == 0 ? new Rolling(DefaultRollingShare) : new Rolling(ParseShare(share) ?? throw BackupErrors.PackSubsetInvalid(text));
        }

        if (ParseShare(trimmed) is { } percent) return new RandomShare(percent);
        if (Quantity.ParseSize(trimmed) is > 0 and { } bytes) return new RandomSize(bytes);
        return ParsePart(trimmed) ?? throw BackupErrors.PackSubsetInvalid(text);
    }

    /// <summary>Chooses among packs that are given in the order of their ids.</summary>
    public abstract IReadOnlyList<StoredFile> Select(IReadOnlyList<StoredFile> packs, Random random, RollingState? state);

    private static PackPart? ParsePart(string text)
    {
        string[] numbers = text.Split('/');
        return numbers.Length == 2 && TryParseNumber(numbers[0], out int part) && TryParseNumber(numbers[1], out int parts)
            && part >= 1 && part <= parts && parts <= 256
            ? new PackPart(part, parts)
            : null;
    }

    private static double? ParseShare(string text) =>
        text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is > 0 and <= 100
            ? percent / 100
            : null;

    private static bool TryParseNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>The first packs whose sizes together reach <paramref name="bytes"/>: at least one.</summary>
    private static List<StoredFile> TakeBytes(IEnumerable<StoredFile> packs, double bytes)
    {
        var taken = new List<StoredFile>();
        double sum = 0;
        foreach (var pack in packs)
        {
            taken.Add(pack);
            sum += pack.Size;
            if (sum >= bytes) break;
        }

        return taken;
    }

    private static List<StoredFile> TakeAtRandom(IReadOnlyList<StoredFile> packs, double bytes, Random random)
    {
        StoredFile[] shuffled = [.. packs];
        random.Shuffle(shuffled);
        return TakeBytes(shuffled, bytes);
    }

    private sealed record Everything : PackSubset
    {
        public override IReadOnlyList<StoredFile> Select(IReadOnlyList<StoredFile> packs, Random random, RollingState? state) => packs;
    }

    /// <summary>restic's parts: by the first byte of the pack's id.</summary>
    private sealed record PackPart(int Part, int Parts) : PackSubset
    {
        public override IReadOnlyList<StoredFile> Select(IReadOnlyList<StoredFile> packs, Random random, RollingState? state) =>
            [.. packs.Where(pack => pack.Id.FirstByte % Parts == Part - 1)];
    }

    /// <summary>A share of the bytes. restic takes it of the number of packs, which comes to the same where packs are alike.</summary>
    private sealed record RandomShare(double Share) : PackSubset
    {
        public override IReadOnlyList<StoredFile> Select(IReadOnlyList<StoredFile> packs, Random random, RollingState? state) =>
            TakeAtRandom(packs, Share * packs.Sum(pack => pack.Size), random);
    }

    private sealed record RandomSize(long Bytes) : PackSubset
    {
        public override IReadOnlyList<StoredFile> Select(IReadOnlyList<StoredFile> packs, Random random, RollingState? state) =>
            TakeAtRandom(packs, Bytes, random);
    }

    /// <summary>A share of the bytes, those first that were never read or not for longest: 1/share runs read everything.</summary>
    internal sealed record Rolling(double Share) : PackSubset
    {
        public override IReadOnlyList<StoredFile> Select(IReadOnlyList<StoredFile> packs, Random random, RollingState? state) =>
            TakeBytes(
                packs.OrderBy(pack => state?.GetTime(pack.Id) ?? DateTimeOffset.MinValue).ThenBy(pack => pack.Id),
                Share * packs.Sum(pack => pack.Size));
    }
}
