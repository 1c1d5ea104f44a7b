using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace ProdOps.Backup.Chunking;

/// <summary>
/// The polynomial over GF(2) that decides where a repository's files are cut: irreducible and of degree 53, bit i standing for x^i
/// (restic/chunker, polynomials.go). Two repositories cut alike exactly when theirs are equal.
/// </summary>
internal static class ChunkerPolynomial
{
    public const int Degree = 53;

    /// <summary>A random one. About one candidate in 26 is irreducible.</summary>
    public static ulong Generate()
    {
        Span<byte> bytes = stackalloc byte[8];
        while (true)
        {
            RandomNumberGenerator.Fill(bytes);
            ulong candidate = (BitConverter.ToUInt64(bytes) & ((1ul << Degree) - 1)) | (1ul << Degree) | 1;
            if (IsIrreducible(candidate)) return candidate;
        }
    }

    /// <summary>Ben-Or's test: no irreducible factor of degree i divides x^(2^i) - x, for i up to half the degree. False for other degrees than 53.</summary>
    public static bool IsIrreducible(ulong polynomial)
    {
        if (DegreeOf(polynomial) != Degree) return false;
        ulong power = 2;
        for (int i = 1; i <= Degree / 2; i++)
        {
            power = MultiplyModulo(power, power, polynomial);
            if (GreatestCommonDivisor(polynomial, power ^ 2) != 1) return false;
        }

        return true;
    }

    /// <summary>Reads hexadecimal digits without a prefix, as a repository's config has them.</summary>
    public static ulong ParseHex(ReadOnlySpan<char> text) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong polynomial)
            ? polynomial
            : throw new FormatException("A chunker polynomial is written as hexadecimal digits.");

    public static string ToHex(ulong polynomial) => polynomial.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>value · x^shift modulo the polynomial.</summary>
    internal static ulong ShiftModulo(ulong value, int shift, ulong polynomial)
    {
        for (; shift > 0; shift--)
        {
            value <<= 1;
            if ((value >> Degree) != 0) value ^= polynomial;
        }

        return value;
    }

    private static ulong MultiplyModulo(ulong a, ulong b, ulong polynomial)
    {
        ulong product = 0;
        for (; b != 0; b >>= 1)
        {
            if ((b & 1) != 0) product ^= a;
            a = ShiftModulo(a, 1, polynomial);
        }

        return product;
    }

    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        while (b != 0)
        {
            while (DegreeOf(a) >= DegreeOf(b)) a ^= b << (DegreeOf(a) - DegreeOf(b));
            (a, b) = (b, a);
        }

        return a;
    }

    private static int DegreeOf(ulong polynomial) => 63 - BitOperations.LeadingZeroCount(polynomial);
}
