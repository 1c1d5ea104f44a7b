using System.Text;

namespace ProdOps.Servers.Tests.TestTools;

/// <summary>Damages texts and bytes for tests of parsers, the same way for the same seed.</summary>
internal static class Mutation
{
    private const string Spice = "%${}~\"'\\#=!,*?[]@|: \t\r\n\0-+^%h\ufffd\u00e4";

    public static string Of(string text, Random random)
    {
        var changed = new StringBuilder(text);
        for (int edits = random.Next(1, 6); edits > 0 && changed.Length > 0; edits--)
        {
            int at = random.Next(changed.Length);
            switch (random.Next(5))
            {
                case 0: changed[at] = Spice[random.Next(Spice.Length)]; break;
                case 1: changed.Insert(at, Spice[random.Next(Spice.Length)]); break;
                case 2: changed.Remove(at, Math.Min(random.Next(1, 8), changed.Length - at)); break;
                case 3: changed.Insert(at, changed.ToString(at, Math.Min(random.Next(1, 30), changed.Length - at))); break;
                default: changed.Length = at; break;
            }
        }

        return changed.ToString();
    }

    public static byte[] Of(byte[] bytes, Random random)
    {
        var changed = new List<byte>(bytes);
        for (int edits = random.Next(1, 6); edits > 0 && changed.Count > 0; edits--)
        {
            int at = random.Next(changed.Count);
            switch (random.Next(5))
            {
                case 0: changed[at] = (byte)random.Next(256); break;
                case 1: changed[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: changed.Insert(at, (byte)random.Next(256)); break;
                case 3: changed.RemoveRange(at, Math.Min(random.Next(1, 8), changed.Count - at)); break;
                default: changed.RemoveRange(at, changed.Count - at); break;
            }
        }

        return [.. changed];
    }
}
