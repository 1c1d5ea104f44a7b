using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace ProdOps.Recovery.Html;

/// <summary>
/// Writes HTML from interpolated strings: what stands in the string is markup, and whatever is put into it is text and escaped. There is no way to put in markup by mistake, whatever servers, files and
/// people call things; attributes are to be in double quotes.
/// </summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds markup with text in it.</summary>
    public HtmlWriter Add([InterpolatedStringHandlerArgument("")] Markup markup)
    {
        _ = markup;
        return this;
    }

    /// <summary>Adds a list, a piece of markup for each.</summary>
    public HtmlWriter Each<T>(IEnumerable<T> items, Action<HtmlWriter, T> add)
    {
        foreach (var item in items) add(this, item);
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>Text for HTML. What would change how the rest is read, controls and marks of writing direction, is shown as a replacement.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? string.Concat(text.EnumerateRunes().Select(Shown)) : text);

    private static string Shown(Rune rune) => rune.Value switch
    {
        '\n' or '\t' => rune.ToString(),
        '\r' => "",
        // Controls; marks and overrides of direction (Unicode Standard Annex 9, 2); spaces without a width. Joiners are letters' affair.
        < ' ' or (>= 0x7F and < 0xA0) or 0x200B or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x061C or 0xFEFF => "\uFFFD",
        _ => rune.ToString(),
    };

    /// <summary>Takes an interpolated string apart.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        private readonly StringBuilder _text;

        public Markup(int literalLength, int formattedCount, HtmlWriter writer)
        {
            _text = writer._text;
            _text.EnsureCapacity(_text.Length + literalLength + (formattedCount * 8));
        }

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(string? text)
        {
            if (text is not null) _text.Append(Escape(text));
        }

        /// <summary>Markup that was made by a writer.</summary>
        public void AppendFormatted(HtmlWriter made) => _text.Append(made._text);

        public void AppendFormatted<T>(T value)
            where T : IFormattable => AppendFormatted(value.ToString(null, CultureInfo.InvariantCulture));

        public void AppendFormatted<T>(T value, string format)
            where T : IFormattable => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));
    }
}
