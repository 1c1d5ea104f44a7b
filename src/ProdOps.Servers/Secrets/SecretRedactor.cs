using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Secrets;

/// <summary>
/// Takes the secrets that this process has read out of texts that leave it. It keeps no secret: a keyed fingerprint of each is enough to
/// find it again (Rabin and Karp's rolling hash finds candidates, an HMAC decides). Without secrets a text costs one comparison.
/// </summary>
/// <remarks>One for the process, not one a session: what one runspace has read, another's error may quote.</remarks>
internal sealed class SecretRedactor
{
    /// <summary>Shorter values are found in every other word, and removing them would only show what they are.</summary>
    public const int MinimumLength = 4;

    private const int MinimumLineLength = 8;
    private const string Mask = "***";

    private readonly Lock _lock = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ulong _base = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
    private volatile Known[] _known = [];

    /// <summary>The process's one.</summary>
    public static SecretRedactor Shared { get; } = new();

    /// <summary>Whether there is anything to look for.</summary>
    public bool KnowsAny => _known.Length > 0;

    /// <summary>Remembers a secret (UTF-8), and how it looks within shell quotes, in a URL and in base64. What is no text, or is too short, is left.</summary>
    public void Learn(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < MinimumLength) return;
        char[] text = GC.AllocateArray<char>(secret.Length, pinned: true);
        char[] form = GC.AllocateArray<char>(checked(secret.Length * 4 + 8), pinned: true);
        try
        {
            if (System.Text.Unicode.Utf8.ToUtf16(secret, text, out _, out int length, replaceInvalidSequences: false) != OperationStatus.Done) return;
            var characters = text.AsSpan(0, length);
            Add(characters);
            // A key of several lines is quoted line by line in most messages.
            foreach (var range in characters.Split('\n'))
            {
                var line = characters[range].Trim();
                if (line.Length is >= MinimumLineLength && line.Length < length) Add(line);
            }

            if (characters.Contains('\'')) Add(form.AsSpan(0, ShellQuote.EscapeWithin(characters, form)));
            if (Uri.TryEscapeDataString(characters, form, out int escaped) && escaped != length) Add(form.AsSpan(0, escaped));
            if (Convert.TryToBase64Chars(secret, form, out int encoded)) Add(form.AsSpan(0, encoded));
        }
        finally
        {
            Array.Clear(text);
            Array.Clear(form);
        }
    }

    /// <summary>Whether a text holds a secret.</summary>
    public bool Holds(string? text) => text is not null && _known.Length > 0 && Find(text).Count > 0;

    /// <summary>The text with <c>***</c> in the place of each secret.</summary>
    public string Redact(string text)
    {
        if (_known.Length == 0) return text;
        var found = Find(text);
        if (found.Count == 0) return text;
        found.Sort();
        var clean = new StringBuilder(text.Length);
        int done = 0;
        for (int i = 0; i < found.Count;)
        {
            var (start, end) = found[i];
            // Secrets that overlap are taken out as one: what is left of the longer one would tell of it.
            while (++i < found.Count && found[i].Start <= end) end = Math.Max(end, found[i].End);
            clean.Append(text, done, start - done).Append(Mask);
            done = end;
        }

        return clean.Append(text, done, text.Length - done).ToString();
    }

    private void Add(ReadOnlySpan<char> value)
    {
        if (value.Length < MinimumLength) return;
        ulong hash = 0;
        foreach (char c in value) hash = unchecked(hash * _base + c);
        byte[] mac = Authenticate(value);
        int length = value.Length;
        lock (_lock)
        {
            var group = Array.Find(_known, known => known.Length == length);
            if (group is null) _known = [.. _known, new Known(length, Power(length), [(hash, mac)])];
            else if (!group.Prints.Any(print => print.Hash == hash && print.Mac.AsSpan().SequenceEqual(mac)))
                _known = [.. _known.Where(known => known != group), group with { Prints = [.. group.Prints, (hash, mac)] }];
        }
    }

    private List<(int Start, int End)> Find(string text)
    {
        var found = new List<(int Start, int End)>();
        foreach (var known in _known)
        {
            if (known.Length > text.Length) continue;
            ulong hash = 0;
            for (int i = 0; i < text.Length; i++)
            {
                hash = unchecked(hash * _base + text[i]);
                if (i >= known.Length) hash = unchecked(hash - known.Power * text[i - known.Length]);
                if (i >= known.Length - 1 && Matches(known, hash, text.AsSpan(i + 1 - known.Length, known.Length))) found.Add((i + 1 - known.Length, i + 1));
            }
        }

        return found;
    }

    private bool Matches(Known known, ulong hash, ReadOnlySpan<char> part)
    {
        foreach (var (print, mac) in known.Prints)
        {
            if (print == hash && Authenticate(part).AsSpan().SequenceEqual(mac)) return true;
        }

        return false;
    }

    private byte[] Authenticate(ReadOnlySpan<char> value) => HMACSHA256.HashData(_key, System.Runtime.InteropServices.MemoryMarshal.AsBytes(value));

    private ulong Power(int length)
    {
        ulong power = 1;
        for (int i = 0; i < length; i++) power = unchecked(power * _base);
        return power;
    }

    /// <summary>Fingerprints of all secrets of one length.</summary>
    private sealed record Known(int Length, ulong Power, (ulong Hash, byte[] Mac)[] Prints);
}
