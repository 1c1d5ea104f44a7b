using System.Text;

namespace ProdOps.Cmdlets.Tests.Servers;

/// <summary>Makes documents of PowerShell's data language, whole and damaged, from a seed.</summary>
internal sealed class DataDocuments(int seed)
{
    private static readonly string[] Keys = ["Name", "a", "_b2", "if", "Clé", "'a b'", "\"x`ty\"", "5", "-3", "1kb", "'it''s'", "Function", "0x1F", "Ssh"];

    private static readonly string[] Scalars =
    [
        "'text'", "''", "'it''s'", "\"plain\"", "\"a`tb`u{1F600}`\"\"", "\"say \"\"hi\"\"\"", "\"cost $ 5\"", "\"`$x\"", "\"100%$\"", "'$x @{'", "'línea'", "‘typographic’", "“double”",
        "$true", "$False", "$NULL", "${true}", "0", "1", "-1", "+7", "42", "007", "2147483647", "2147483648", "-2147483648", "9223372036854775808", "1.5", ".5", "-.25", "1.", "1e3", "2.5E-2", "–4",
        "1kb", "4GB", "1.5MB", "10pb", "0xFF", "0xffffffff", "0x7FFFFFFF", "0xFFFFFFFFFFFFFFFF", "0b101", "0b11111111", "12d", "1.25d", "3L", "5u", "6ul", "7s", "8us", "100y", "200uy", "9n", "0xFFy", "1lkb",
        "@'\nline one\nit's $x\n'@", "@\"\nline `t \"quoted\" `$x\n\"@", "@'\n'@", "'two\nlines'", "\"a`\nb\"", "(1)", "('x')",
    ];

    private static readonly string[] Spaces = ["", " ", "  ", "\t", " <# note #> ", "`\n", " ` \n"];

    private static readonly string[] Ends = ["\n", ";", "\n\n", " ; ", "# note\n", "\r\n", " # it's\n", ";;", ";\n"];

    private static readonly string[] Runnable =
    [
        "$x", "$env:HOME", "\"$x\"", "\"$(1)\"", "$(1)", "Get-Date", "text", "[int]'1'", "{ 1 }", "1 + 1", "'a'.Length", "'a'[0]", "(1)[0]", "[Environment]::Exit(1)", "-not $true", "1..3", "1 | Out-Null",
        "& ls", "@(ls)", "if (1) { 2 }", "$global:true", "@{a=1}.a", "@{a=1}['a']", "\"${x}\"", "'a' -f 1", "1 > x", "!1", "1 -eq 1", "$true ? 1 : 2", "1 && 2", "$x = 1", "'a' + 'b'",
    ];

    private const string Alphabet = "@{}()[]'\"`$;,=#<>.:-+*/|&!?\\%^~ \n\r\tabdeklnstuxyKGB0159_\u2019\u201D\u2013\u00A0é";

    private readonly Random _random = new(seed);

    /// <summary>A document that both must read.</summary>
    public string Valid() => Space() + (Chance(8) ? "# note\n" : "") + Table(4) + (Chance(6) ? Pick(Ends) : "");

    /// <summary>A document with something in it that would have to be run.</summary>
    public string Executable()
    {
        string runnable = Pick(Runnable);
        return _random.Next(3) switch
        {
            0 => $"@{{ a = {runnable} }}",
            1 => $"@{{ a = @({Value(1)}\n{runnable}\n) }}",
            _ => $"@{{ Name = 'x'\n b = @{{ c = {Value(1)}; d = {runnable} }} }}",
        };
    }

    /// <summary>A document with a few characters changed, most of them broken by it.</summary>
    public string Damaged()
    {
        var text = new StringBuilder(_random.Next(4) == 0 ? Executable() : Valid());
        for (int changes = _random.Next(1, 4); changes > 0 && text.Length > 0; changes--)
        {
            int at = _random.Next(text.Length);
            switch (_random.Next(4))
            {
                case 0:
                    text.Remove(at, 1);
                    break;
                case 1:
                    text[at] = Alphabet[_random.Next(Alphabet.Length)];
                    break;
                case 2:
                    text.Insert(at, Alphabet[_random.Next(Alphabet.Length)]);
                    break;
                default:
                    int length = Math.Min(_random.Next(1, 8), text.Length - at);
                    text.Insert(_random.Next(text.Length), text.ToString(at, length));
                    break;
            }
        }

        return text.ToString();
    }

    /// <summary>A number in one of the many ways to write one, some of them wrong.</summary>
    public string Number()
    {
        string digits = _random.Next(4) switch
        {
            0 => "0x" + Digits("0123456789abcdefABCDEF", 34),
            1 => "0b" + Digits("01", 130),
            2 => Digits("0123456789", 12) + "." + Digits("0123456789", 6) + (Chance(2) ? "e" + Pick(["", "-", "+"]) + Digits("0123456789", 3) : ""),
            _ => Digits("0123456789", 32),
        };
        return "@{a=" + Pick(["", "", "-", "+"]) + digits + Pick(["", "", "", "d", "l", "n", "s", "u", "y", "ul", "us", "uy", "D", "UL", "e", "un"]) + Pick(["", "", "", "kb", "MB", "gb", "Tb", "pB"]) + "}";
    }

    private string Digits(string of, int most)
    {
        // Lengths that fill a type are where the rules change.
        int length = Chance(2) ? Math.Min(most, Pick([1, 2, 4, 8, 16, 32, 64, 96, 128, 24, 20])) : _random.Next(1, most);
        return string.Concat(Enumerable.Range(0, length).Select(_ => of[_random.Next(of.Length)]));
    }

    private string Table(int depth)
    {
        var text = new StringBuilder("@{").Append(Chance(2) ? "\n" : Space());
        // Distinct keys: two that are equal are an error of their own.
        string[] keys = [.. Keys.OrderBy(_ => _random.Next()).Take(_random.Next(5))];
        for (int i = 0; i < keys.Length; i++)
        {
            text.Append(keys[i]).Append(Space()).Append('=').Append(Chance(8) ? "\n" : Space()).Append(Value(depth - 1));
            text.Append(i < keys.Length - 1 || Chance(2) ? Pick(Ends) : Space());
        }

        return text.Append('}').ToString();
    }

    private string Value(int depth)
    {
        if (depth > 0 && Chance(4)) return Table(depth);
        if (depth > 0 && Chance(3)) return List(depth);
        if (depth > 0 && Chance(4)) return string.Join(Pick([",", " , ", ",\n"]), Enumerable.Range(0, _random.Next(2, 4)).Select(_ => Value(depth - 1)));
        if (depth > 0 && Chance(12)) return "," + Value(depth - 1);
        return depth > 0 && Chance(12) ? $"({Value(depth - 1)})" : Pick(Scalars);
    }

    private string List(int depth)
    {
        var text = new StringBuilder("@(").Append(Chance(3) ? "\n" : Space());
        int count = _random.Next(4);
        for (int i = 0; i < count; i++) text.Append(Value(depth - 1)).Append(i < count - 1 ? Pick(Ends) : Space());
        return text.Append(')').ToString();
    }

    private string Space() => Pick(Spaces);

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private T Pick<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];
}
