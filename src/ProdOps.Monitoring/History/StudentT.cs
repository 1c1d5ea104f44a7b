namespace ProdOps.Monitoring.History;

/// <summary>Student's distribution.</summary>
internal static class StudentT
{
    // From 6 degrees of freedom on the expansion is exact to three digits.
    private static readonly double[] Few = [12.706, 4.303, 3.182, 2.776, 2.571];

    /// <summary>Between minus this and this lie 95 of 100. By the expansion of Abramowitz and Stegun, 26.7.5.</summary>
    public static double TwoSided95(double degrees)
    {
        if (degrees < Few.Length + 0.5) return Few[Math.Clamp((int)Math.Floor(degrees), 1, Few.Length) - 1];
        const double X = 1.959964;
        const double X3 = X * X * X, X5 = X3 * X * X, X7 = X5 * X * X;
        return X + ((X3 + X) / (4 * degrees)) + (((5 * X5) + (16 * X3) + (3 * X)) / (96 * degrees * degrees)) + (((3 * X7) + (19 * X5) + (17 * X3) - (15 * X)) / (384 * degrees * degrees * degrees));
    }
}
